"""Counting public notebooks that import a framework, in the files that Kaggle publishes of itself.

Belongs here: reducing the local copies of Meta Kaggle (tables) and Meta Kaggle Code (sources) to the documented form of
counts. Does not belong here: fetching them (a Kaggle account and hundreds of gigabytes are needed), or what a count
means (the catalog).

What is counted: a notebook counts once, in the month (UTC) in which it was created, for every framework that its first
readable version imports. Readable is a version in Python whose source is published; of a notebook with several the
earliest. Forks are left out unless asked for: a fork's first version is somebody else's work. Notebooks that were
deleted or made private since are in no file: only survivors are counted. Tags are not counted: few authors set them.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.database import connect
from ingest.errors import ExtractError, FormError, why_unreadable
from ingest.files import write_atomically
from ingest.plan import next_period

if TYPE_CHECKING:
    import duckdb

    from ingest.catalog import Catalog

KERNELS, VERSIONS = "Kernels.csv", "KernelVersions.csv"
WANTED: Mapping[str, tuple[str, ...]] = {
    KERNELS: ("Id", "CreationDate", "MadePublicDate", "ForkParentKernelVersionId"),
    VERSIONS: ("Id", "ScriptId"),
}
MOMENT, DAY = "%m/%d/%Y %H:%M:%S", "%m/%d/%Y"
NOTEBOOK, SCRIPT = ".ipynb", ".py"
MODULES, TERMS = "python_module", "search_term"
"""The names by which a program knows a framework, and those of the documented form."""
MEMORY = "512MB"
IMPORT = re.compile(r"(?:^|;)[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([^#;\n]+))", re.MULTILINE)


@dataclass
class Tally:
    """What was read. `by_month` has, for each month in which anything was readable, notebooks by framework."""

    notebooks: int = 0
    unreadable: int = 0
    readable: Counter[date] = field(default_factory=Counter)
    by_month: dict[date, Counter[str]] = field(default_factory=dict)

    def count(self, month: date, modules: set[str]) -> None:
        """One more notebook that could be read."""
        self.readable[month] += 1
        self.by_month.setdefault(month, Counter()).update(modules)


def count_notebooks(
    tables: Path, sources: Path, catalog: Catalog, first: date, until: date, with_forks: bool = False
) -> Tally:
    """Count the notebooks created from `first` until `until` (exclusive), by what they import.

    The tables are streamed: only the identifiers of the wanted notebooks are ever held.

    Raises:
        ExtractError: when a file is missing, lacks a documented column or has a date that cannot be read.
    """
    paths = {name: _table(tables, name) for name in WANTED}
    if not sources.is_dir():
        raise ExtractError(f"{sources}: no such folder; expected the sources of Meta Kaggle Code (0000/000/<id>.ipynb)")
    modules = set(_names_by_framework(catalog, MODULES).values())
    tally = Tally()
    with connect(config={"memory_limit": MEMORY, "preserve_insertion_order": False}) as connection:
        _keep_kernels(connection, paths[KERNELS], first, until, with_forks)
        for month, versions in _versions(connection, paths[VERSIONS]):
            tally.notebooks += 1
            source = _first_readable(sources, versions)
            if source is None:
                tally.unreadable += 1
            else:
                tally.count(month, imported_modules(source) & modules)
    return tally


def write_counts(tally: Tally, catalog: Catalog, target: Path) -> int:
    """Write the tally in the documented form (name, period_start, period_end, count); return the number of rows.

    A framework that no readable notebook of a month imports has a zero there; a month without readable notebooks has
    no row, since nothing is known of it.
    """
    modules, terms = _names_by_framework(catalog, MODULES), _names_by_framework(catalog, TERMS)
    rows = [
        [terms[framework], str(month), str(next_period(month, "month")), str(tally.by_month[month][module])]
        for month in sorted(tally.readable)
        for framework, module in modules.items()
        if framework in terms
    ]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["name", "period_start", "period_end", "count"], *rows])
    write_atomically(target, text.getvalue().encode())
    return len(rows)


def imported_modules(source: str) -> set[str]:
    """The top-level modules that a Python program imports, read line by line: a notebook is not always valid Python.

    `import a.b as c, d` imports a and d; `from a.b import c` imports a. A line inside a text counts too.
    """
    modules = set()
    for origin, several in IMPORT.findall(source):
        for name in [origin] if origin else several.split(","):
            word = re.match(r"\s*(\w+)", name)
            if word:
                modules.add(word.group(1))
    return modules


def code_of(path: Path) -> str | None:
    """The code of a script, or of the code cells of a notebook in Python; None where it is in another language.

    Raises:
        ExtractError: when a notebook is not JSON of the documented form.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == SCRIPT:
        return text
    try:
        notebook: dict[str, Any] = json.loads(text)
        language = str(notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python"))
        if language.lower() != "python":
            return None
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        return "\n".join("".join(cell["source"]) for cell in cells)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ExtractError(f"{path.name}: not a notebook: {why_unreadable(error)}") from error


def _names_by_framework(catalog: Catalog, namespace: str) -> dict[str, str]:
    """The primary name of each framework in a namespace."""
    return {
        framework.id: name.name
        for framework in catalog.frameworks
        for name in framework.names.get(namespace, ())
        if name.member == "primary" and framework.role == "contender"
    }


def _table(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise ExtractError(f"{path}: no such file; expected Meta Kaggle's {name}")
    with path.open(encoding="utf-8-sig", newline="") as handle:
        header = next(csv.reader(handle), [])
    missing = [column for column in WANTED[name] if column not in header]
    if missing:
        raise FormError(f"{name}, line 1: columns missing: {', '.join(missing)}")
    return path


def _keep_kernels(
    connection: duckdb.DuckDBPyConnection, path: Path, first: date, until: date, with_forks: bool
) -> None:
    """Keep identifier and month of the public notebooks of the span.

    Raises:
        ExtractError: naming a date that is written in neither documented way.
    """
    connection.execute(
        f"""create temp table kernels as
            select Id::bigint as kernel_id, CreationDate as written,
                   coalesce(try_strptime(CreationDate, '{MOMENT}'), try_strptime(CreationDate, '{DAY}')) as created_at
            from read_csv(?, header = true, all_varchar = true)
            where MadePublicDate is not null and (? or coalesce(ForkParentKernelVersionId, '') = '')""",
        [str(path), with_forks],
    )
    wrong = connection.execute(
        "select kernel_id, written from kernels where created_at is null and written is not null order by 1 limit 1"
    ).fetchone()
    if wrong:
        raise ExtractError(f"{path.name}: notebook {wrong[0]}: CreationDate {wrong[1]!r}; expected MM/DD/YYYY HH:MM:SS")
    connection.execute(
        "delete from kernels where created_at is null or created_at < ? or created_at >= ?", [first, until]
    )


def _versions(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[tuple[date, list[int]]]:
    """Of every wanted notebook its month, and its versions, earliest first."""
    cursor = connection.execute(
        """select date_trunc('month', any_value(kernels.created_at))::date,
                  coalesce(list(versions.version_id order by versions.version_id)
                           filter (versions.version_id is not null), [])
           from kernels
           left join (select Id::bigint as version_id, ScriptId::bigint as kernel_id
                      from read_csv(?, header = true, all_varchar = true)) as versions using (kernel_id)
           group by kernel_id order by kernel_id""",
        [str(path)],
    )
    while batch := cursor.fetchmany(10_000):
        yield from batch


def _first_readable(sources: Path, versions: Sequence[int]) -> str | None:
    for version in versions:
        folder = f"{version:010d}"
        for suffix in (NOTEBOOK, SCRIPT):
            path = sources / folder[:4] / folder[4:7] / f"{version}{suffix}"
            if path.is_file():
                return code_of(path)
    return None
