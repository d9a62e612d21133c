"""The inbox, for people: trying a file without taking it, and the documented forms of every source.

Belongs here: which sources a file is tried on, and telling what came of it. Does not belong here: reading files and
judging rows (`ingest.inbox`), or taking them (a build does).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from adoption.reports.names import resolve
from ingest.catalog import Catalog, load_catalog
from ingest.errors import ExtractError, UnknownNameError, quoted
from ingest.formats.kaggle_notebooks import count_notebooks, write_counts
from ingest.formats.tabular import header_of
from ingest.inbox import ValidationResult, try_file
from ingest.plan import next_period
from ingest.sources import load_source, source_names

if TYPE_CHECKING:
    from adoption.settings import Settings

SHOWN_PROBLEMS = 10
SHOWN_NAMES = 8
NOTEBOOKS = "meta_kaggle"
NO_FORM = "none of the documented forms"


class NoSuchFileError(UnknownNameError):
    """The file is not there."""


@dataclass(frozen=True)
class SourceResult:
    """What a file would be to one source."""

    source: str
    trial: ValidationResult

    @property
    def is_accepted(self) -> bool:
        """Whether a build would take it."""
        return self.trial.fetch is not None


def check(settings: Settings, file: Path, source: str | None, console: Console | None = None) -> bool:
    """Try a file on one source, or on each; print what it would be, and return whether it would be taken.

    Raises:
        NoSuchFileError: when there is no such file.
        UnknownNameError: when the catalog has no such source.
        CatalogError: when the catalog is not valid.
    """
    catalog = load_catalog(settings.catalog)
    labels = {entry.id: entry.label for entry in catalog.sources if entry.id in source_names()}
    known = list(labels)
    if not file.is_file():
        raise NoSuchFileError(f"{file}: no such file")
    if source is not None:
        source = resolve("source", source, labels)
    console = console or Console(highlight=False)
    results = [_try(file, name, catalog) for name in ([source] if source else known)]
    accepted = [result for result in results if result.is_accepted]
    for sources, lines in _grouped((result.source, _accepted(result)) for result in accepted):
        _print_verdict(console, sources, "would take it", "green", lines)
        folders = ", ".join(f"inbox/{name}/" for name in sources)
        console.print(f"  drop it into {folders}" if len(sources) == 1 else f"  drop it into one of {folders}")
    if not accepted:
        _print_refused(
            console, file, [result for result in results if result.trial.has_form] if source is None else results
        )
    return bool(accepted)


def forms(catalog: Catalog) -> str:
    """The documented forms of every source, as a table in Markdown."""
    rows = (
        f"| `{entry.id}` | {form.name} | {form.expected} |"
        for entry in sorted(catalog.sources, key=lambda entry: entry.id)
        for form in load_source(entry.id).for_catalog(catalog).forms
    )
    return "\n".join(["| source | form | a file is |", "|---|---|---|", *rows]) + "\n"


def drop_notebook_counts(
    settings: Settings, tables: Path, sources: Path, months: tuple[date, date], with_forks: bool
) -> None:
    """Count notebooks from the first month to the last and drop the counts into the inbox.

    Raises:
        ExtractError: when the files are not those that Kaggle publishes.
        CatalogError: when the catalog is not valid.
    """
    catalog = load_catalog(settings.catalog)
    until = next_period(months[1], "month")
    tally = count_notebooks(tables, sources, catalog, months[0], until, with_forks)
    target = settings.inbox / NOTEBOOKS / f"notebooks_{months[0]:%Y-%m}_{months[1]:%Y-%m}.csv"
    console = Console(highlight=False)
    console.print(
        f"{tally.notebooks:,} public notebooks{'' if with_forks else ' that are no forks'}; "
        f"{tally.notebooks - tally.unreadable:,} could be read, {tally.unreadable:,} have no source in Python here"
    )
    if not tally.readable:
        raise ExtractError(f"{sources}: no source of any notebook of these months; nothing was counted")
    rows = write_counts(tally, catalog, target)
    console.print(f"{rows:,} counts dropped: {target}. Run `adoption build` to take them.", soft_wrap=True)


def _try(file: Path, name: str, catalog: Catalog) -> SourceResult:
    return SourceResult(name, try_file(file, load_source(name), catalog, datetime.now(UTC)))


def _accepted(result: SourceResult) -> tuple[str, ...]:
    """What the file would be."""
    fetch = result.trial.fetch
    if fetch is None:
        return ()
    scope, last = fetch.scope, fetch.scope.period_end - timedelta(days=1)
    terms = scope.terms or ()
    names = ", ".join(terms[:SHOWN_NAMES]) + (
        f" and {len(terms) - SHOWN_NAMES} more" if len(terms) > SHOWN_NAMES else ""
    )
    return (
        f"form    {fetch.form}, table {scope.table}",
        f"rows    {result.trial.rows:,}",
        f"period  {scope.period_start} to {last}",
        f"names   {names or 'everything that was published of the period'}",
    )


def _refused(result: SourceResult) -> tuple[str, ...]:
    """Why not."""
    problems = result.trial.problems
    more = len(problems) - SHOWN_PROBLEMS
    return (*problems[:SHOWN_PROBLEMS], *([f"and {more} more"] if more > 0 else ()))


def _grouped(messages: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    """Sources of which the same is to be said, together: several share one documented form."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for source, lines in messages:
        groups.setdefault(lines, []).append(source)
    yield from ((sources, lines) for lines, sources in groups.items())


def _print_verdict(console: Console, sources: Sequence[str], verdict: str, style: str, lines: Sequence[str]) -> None:
    for source in sources:
        console.print(Text(f"{source} {verdict}", style=style))
    for line in lines:
        console.print(f"  {line}", soft_wrap=True, markup=False)


def _no_source_message(file: Path) -> str:
    """What a file is that no source takes."""
    try:
        return f"{file.name}: {NO_FORM} of any source; found the columns {quoted(header_of(file, file.name))}"
    except ExtractError as error:
        return f"{error}. It has {NO_FORM} of any source"


def _print_refused(console: Console, file: Path, results: Sequence[SourceResult]) -> None:
    if not results:
        console.print(Text(_no_source_message(file), style="red"), soft_wrap=True)
        console.print("`adoption inbox forms` lists them; --source NAME says what one source expects.")
    for sources, lines in _grouped((result.source, _refused(result)) for result in results):
        _print_verdict(console, sources, "would refuse it", "red", lines)
