"""The command `adoption`.

Belongs here: options, and calling the module that does the work. Does not belong here: the work. Modules are imported
by the command that needs them, so that a quick command does not wait for Dagster and dbt.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adoption.cli.completion import contenders, entities, metrics, sources, verdicts
from adoption.cli.errors import Commands
from adoption.logs import log_into
from adoption.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from adoption.raw_log.engines import EngineName
    from adoption.reports.console import Form
    from adoption.reports.posts import Network

FOLDER = click.Path(file_okay=False, resolve_path=True, path_type=Path)
YEAR = click.IntRange(1, 9998)
STOPPED = "What was published before stays; what was landed is kept. The same command goes on from there."
DAY = click.DateTime(["%Y-%m-%d"])
DEFAULT_YEAR = "by default the newest in which three channels or more compare the two"
AS_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
ENTITY = click.option(
    "--entity", shell_complete=contenders, help="The contender it speaks of; unless given, the focus of review.yaml."
)
AGAINST = click.option(
    "--against",
    shell_complete=contenders,
    help="The contender it is compared with; unless given, the benchmark of review.yaml.",
)
LOG_ENGINES = ("duckdb", "spark", "spark_cluster")
NETWORKS = ("x", "bluesky", "mastodon")
LOCAL_SITE = "http://localhost:8000/"
WAIT = click.option("--wait", is_flag=True, help="Wait for a build that is running instead of refusing.")
FORCE = click.option("--force", is_flag=True, help="Build also where nothing is new.")
NOT_PUBLISHED = 1
AS_IT_COMES = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--catalog", type=FOLDER, envvar="ADOPTION_CATALOG", help="The folder of the catalog's YAML files.")
@click.option("--data", type=FOLDER, envvar="ADOPTION_DATA", help="The folder of everything that is built or landed.")
@click.option("--extracts", type=FOLDER, envvar="ADOPTION_EXTRACTS", help="The folder of the shipped extracts.")
@click.version_option(None, "-V", "--version", package_name="adoption-warehouse")
@click.pass_context
def main(context: click.Context, catalog: Path | None, data: Path | None, extracts: Path | None) -> None:
    """Did a framework's adoption grow: more than the median package, where, and against whom?"""
    given: dict[str, Any] = {"catalog": catalog, "data": data, "extracts": extracts}
    context.obj = Settings(**{name: path for name, path in given.items() if path is not None})
    log_into(context.obj.logs)


@main.command(short_help="Load, build, check and publish.")
@click.option(
    "--as-of", type=DAY, metavar="DATE", help="Only what was available on that day, into data/as_of/DATE.duckdb."
)
@WAIT
@FORCE
@click.pass_context
def build(context: click.Context, as_of: datetime | None, wait: bool, force: bool) -> None:
    """Load, build, check and publish; where no extract, rule or package is new, say so and stop.

    Exit code 0: published, or nothing is new. 3: published, but a source is red. 1: not published; the last published
    file stays.
    """
    settings = replace(context.obj, as_of=as_of.date()) if as_of else context.obj
    context.exit(_build(settings, wait, force))


@main.command(short_help="Build, then print the answer on one screen.")
@WAIT
@FORCE
@click.option("--year", type=YEAR, help=f"The year of the screen; {DEFAULT_YEAR}.")
@click.pass_context
def run(context: click.Context, wait: bool, force: bool, year: int | None) -> None:
    """Build, then print the answer on one screen: headline, scoreboard, what has no data, and what to type next."""
    from adoption.reports.screen import show

    code = _build(context.obj, wait, force)
    if code != NOT_PUBLISHED:
        click.echo()
        show(context.obj, year)
    context.exit(code)


@main.command("check", short_help="Validate the catalog, without building anything.")
@AS_JSON
@click.pass_context
def check_catalog(context: click.Context, as_json: bool) -> None:
    """Validate the catalog, without building anything.

    Exit code 0: it is valid. 1: it is not; every mistake is listed with its file, line and field.
    """
    from adoption.cli.check import as_object
    from adoption.cli.check import check_catalog as check
    from adoption.reports.console import print_json

    if not as_json:
        click.echo(check(context.obj))
        return
    found = as_object(context.obj)
    print_json(found)
    context.exit(0 if found["is_valid"] else 1)


@main.command(short_help="Fetch what is expected and missing from the sources.")
@click.argument("sources", nargs=-1, shell_complete=sources)
@click.option("--from", "first", metavar="PERIOD", help="No period before this year or month, such as 2019-01.")
@click.option("--to", "last", metavar="PERIOD", help="No period after this year or month.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked, and ask nothing.")
@click.option("--no-build", is_flag=True, help="Land only; the published file stays until the next build.")
@click.pass_context
def refresh(
    context: click.Context, sources: tuple[str, ...], first: str | None, last: str | None, dry_run: bool, no_build: bool
) -> None:
    """Ask the SOURCES (by default all) for what is expected and not available; build if anything is new.

    Exit code 0: everything was answered. 3: something was not, and the reason is printed. 1: not published; the last
    published file stays.
    """
    from rich.console import Console

    from adoption.cli.refresh import ask_all, show_plan, window_of
    from adoption.warehouse.processes import ended_by_signals
    from ingest.files import make_private

    console = Console(highlight=False)
    window = window_of(first, last)
    if dry_run:
        show_plan(context.obj, sources, window, console)
        return
    make_private(context.obj.data)
    with ended_by_signals(STOPPED):
        outcome = ask_all(context.obj, sources, window, console)
    code = _build(context.obj, wait=True) if outcome.has_news and not no_build else 0
    if not outcome.has_news:
        click.echo("Nothing new; the published file stays as it is.")
    context.exit(code or (3 if outcome.has_failures else 0))


@main.command("count-log", short_help="Count a raw download log where it lies; land its months.")
@click.argument("log", envvar="ADOPTION_RAW_LOG")
@click.option("--engine", type=click.Choice(LOG_ENGINES), default="duckdb", show_default=True, help="What counts it.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m"]), help="No month before this one, such as 2020-01.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m"]), help="No month after this one.")
@click.pass_context
def count_log(
    context: click.Context, log: str, engine: EngineName, first: datetime | None, last: datetime | None
) -> None:
    """Count the Parquet files of a raw download log, in the folder or bucket LOG, and land each month that is new.

    The names of the files say their month. A month that is wrong is not landed, and the reason is printed; the others
    are. What was counted before and has not changed is left as it is. `adoption build` takes what was landed.

    Exit code 0: every month is landed. 3: some are not.
    """
    from adoption.cli.count_log import count_log as count

    window = (first.date() if first else None, last.date() if last else None)
    context.exit(0 if count(context.obj, log, engine, window) else 3)


def _build(settings: Settings, wait: bool, force: bool = False) -> int:
    """Build if anything is new; return the exit code."""
    from adoption.publish.news import news
    from adoption.warehouse.lock import locked
    from adoption.warehouse.processes import ended_by_signals

    with ended_by_signals(STOPPED), locked(settings, wait):
        if not force and not news(settings):
            from orchestration.dead_runs import end_dead_runs_of

            end_dead_runs_of(settings)
            click.echo(f"Nothing is new (--force builds all the same). Published: {settings.published}")
            return 0
        return _build_all(settings)


def _build_all(settings: Settings) -> int:
    from rich.console import Console

    from orchestration.runner import build as run_build

    outcome = run_build(settings, Console())
    for line in outcome.summary(settings):
        click.echo(line, err=not outcome.published)
    return outcome.exit_code


@main.command(short_help="The review of a year, channel by channel.")
@click.argument("year", type=YEAR, required=False)
@click.option("--all", "everyone", is_flag=True, help="Every contender, not only focus and benchmark.")
@click.option("-v", "--verbose", "is_verbose", is_flag=True, help="How each metric is read, and its caveats.")
@AS_JSON
@click.pass_obj
def review(settings: Settings, year: int | None, everyone: bool, is_verbose: bool, as_json: bool) -> None:
    """Print the review of YEAR, channel by channel; by default of the newest with enough channels."""
    from adoption.reports.review import show

    show(settings, year, everyone, is_verbose=is_verbose, as_json=as_json)


@main.command(short_help="What can be said of a year, a sentence a channel.")
@click.argument("year", type=YEAR, required=False)
@ENTITY
@AGAINST
@AS_JSON
@click.pass_obj
def brief(settings: Settings, year: int | None, entity: str | None, against: str | None, as_json: bool) -> None:
    """What can be said of YEAR: one sentence a channel, with the channels counted on top."""
    from adoption.reports.brief import show

    show(settings, year, entity, against, as_json=as_json)


@main.command(short_help="How many channels answer, year by year.")
@ENTITY
@AGAINST
@click.pass_obj
def answers(settings: Settings, entity: str | None, against: str | None) -> None:
    """In how many channels each year has an answer: a direction, and who leads."""
    from adoption.reports.answers import show

    show(settings, entity, against)


@main.command(short_help="Write a year as a page, Markdown and posts.")
@click.argument("year", type=YEAR, required=False)
@ENTITY
@AGAINST
@click.option("--out", type=FOLDER, help="The folder that is replaced; by default one in data/reports.")
@click.option(
    "--for", "network", type=click.Choice(NETWORKS), default="x", show_default=True, help="Whose length the posts have."
)
@click.pass_obj
def report(
    settings: Settings, year: int | None, entity: str | None, against: str | None, out: Path | None, network: Network
) -> None:
    """Write the review of YEAR: one page, Markdown, and short posts with a picture each.

    Without YEAR it is the newest that enough channels speak of.
    """
    from adoption.editions.store import identity
    from adoption.reports.charts import png
    from adoption.reports.page.render import make, target, write

    folder = target(settings, year, entity, against, out)
    made = make(settings, year, entity, against)
    written = write(made.of_edition(identity(settings, made.content.year)), folder, network)
    if not png.is_installed():
        click.echo(png.MISSING, err=True)
    click.echo(f"Written, {len(written)} files: {next(path for path in written if path.suffix == '.html')}")


@main.command(short_help="Write the site: explorer, JSON, CSV, badges, feed.")
@click.argument("folder", type=FOLDER, required=False)
@click.option("--url", default=LOCAL_SITE, show_default=True, help="Where it will be served: for feed and sitemap.")
@click.pass_obj
def site(settings: Settings, folder: Path | None, url: str) -> None:
    """Write the site to FOLDER (by default data/site): files that open from disk and from any host.

    What is there already and has not changed is left as it is.
    """
    from adoption.site.build import target, write

    made = write(settings, target(settings, folder), url)
    said = "Written" if made.is_new else "Nothing changed"
    click.echo(f"{said}, {made.files} files: {made.folder / 'index.html'}")


@main.command("mcp", short_help="Answer assistants: a server of read-only tools.")
@click.option("--http", "port", type=click.IntRange(1, 65535), help="Serve on this port of this machine instead.")
@click.pass_obj
def serve_assistants(settings: Settings, port: int | None) -> None:
    """Answer the questions of assistants from the published file, over the Model Context Protocol.

    It speaks on standard input and output, or with --http on a port that only this machine reaches. Needs the extra
    `mcp`.
    """
    from adoption.assistants.server import serve

    serve(settings, port)


@main.command(short_help="What is available of each source, and what is missing.")
@AS_JSON
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """What is available of each source, what is missing, and what has ended."""
    from adoption.reports.status import show

    context.exit(0 if show(context.obj, as_json=as_json) else 3)


@main.command(short_help="Slumps, spikes and level shifts, and what explains them.")
@click.option(
    "--metric", shell_complete=metrics, help="Of one metric only, by its id or label, such as pypi_downloads."
)
@click.option(
    "--entity", shell_complete=entities, help="Of one entity only, by its id or label; a contender covers its members."
)
@click.option("--every-kind", is_flag=True, help="Gaps, unfinished months and reversals too.")
@AS_JSON
@click.pass_obj
def anomalies(settings: Settings, metric: str | None, entity: str | None, every_kind: bool, as_json: bool) -> None:
    """Slumps, spikes and level shifts, each with what explains it, and what could not have been seen."""
    from adoption.reports.anomalies import show

    show(settings, metric, entity, every_kind, as_json)


@main.command(short_help="Published statements as tests, with their verdicts.")
@click.option("--verdict", shell_complete=verdicts, help="Only claims with this verdict, such as contradicted.")
@click.option("--windows", is_flag=True, help="The named windows instead, every series of each.")
@AS_JSON
@click.pass_obj
def claims(settings: Settings, verdict: str | None, windows: bool, as_json: bool) -> None:
    """Published statements as tests: the verdict, and each reading with what was computed and what the words admit."""
    from adoption.reports.claims import show, show_windows

    if windows:
        show_windows(settings, as_json)
    else:
        show(settings, verdict, as_json)


def _form(as_csv: bool, as_json: bool) -> Form:
    """The form that is asked for."""
    if as_csv and as_json:
        raise click.UsageError("--csv and --json exclude each other.")
    return "csv" if as_csv else "json" if as_json else "table"


@main.command(
    short_help="Query the published file, read-only.", context_settings={"ignore_unknown_options": True}
)  # a query may begin with a comment
@click.argument("query")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one object a row.")
@click.pass_obj
def sql(settings: Settings, query: str, as_csv: bool, as_json: bool) -> None:
    """Ask the published file, read-only: adoption sql "from marts.fct_adoption_yoy limit 5".

    QUERY is SQL, or - to read it from standard input. In a pipe the answer is values separated by tabs.
    """
    import duckdb

    from adoption.publish.reader import open_published
    from adoption.reports.console import print_rows

    form = _form(as_csv, as_json)
    text = sys.stdin.buffer.read().decode(errors="replace") if query == "-" else query
    if not duckdb.extract_statements(text):
        raise click.UsageError("The query is empty; expected SQL such as: from marts.fct_adoption_yoy limit 5")
    with open_published(settings) as connection:
        print_rows(connection.execute(text), form)


@main.command(short_help="Write the marts as Parquet and CSV.")
@click.argument("folder", type=FOLDER, required=False)
@click.pass_obj
def export(settings: Settings, folder: Path | None) -> None:
    """Write the marts as Parquet and CSV to FOLDER (by default data/export), with datapackage.json and datasheet.md."""
    from adoption.editions.store import citation_of, identity
    from adoption.export.writer import export as write

    target, named = folder or settings.export, identity(settings)
    tables = write(settings, target, named, citation_of(settings, named.edition) if named.edition else None)
    click.echo(f"Exported {len(tables)} tables: {target}")


@main.command(short_help="Write the dictionary and dbt's documentation.")
@click.argument("folder", type=FOLDER, required=False)
@click.pass_obj
def docs(settings: Settings, folder: Path | None) -> None:
    """Write the dictionary and dbt's documentation, one page, to FOLDER (by default data/docs)."""
    from adoption.export.dictionary import write_docs

    written = write_docs(settings, folder or settings.docs)
    for path in written:
        click.echo(f"Written: {path}")


@main.command(short_help="Which metrics are complete for a year, and what is not.")
@click.argument("year", type=YEAR)
@AS_JSON
@click.pass_context
def ready(context: click.Context, year: int, as_json: bool) -> None:
    """Which metrics have their YEAR, what will still come and when, what never will, and how to get the rest.

    Exit code 0: nothing is to wait for or to get. 3: something is.
    """
    from adoption.reports.readiness import show

    context.exit(0 if show(context.obj, year, as_json=as_json) else 3)


@main.command(short_help="Freeze what is published as an edition.")
@click.argument("year", type=YEAR)
@click.pass_obj
def freeze(settings: Settings, year: int) -> None:
    """Freeze what is published as the next edition of YEAR: data/editions/YEAR.N, never changed again."""
    from adoption.editions.store import freeze as freeze_year

    frozen = freeze_year(settings, year)
    click.echo(f"Frozen: {frozen.folder}" if frozen.is_new else f"Nothing changed since {frozen.name}: {frozen.folder}")


@main.command(short_help="What changed between two editions, and why.")
@click.argument("before")
@click.argument("after")
@click.option("--all", "everything", is_flag=True, help="Every number; by default the first of each mart.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV, every number.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, every number, one object each.")
@click.pass_obj
def diff(settings: Settings, before: str, after: str, everything: bool, as_csv: bool, as_json: bool) -> None:
    """What moved from BEFORE to AFTER, by how much and why; verdicts, directions and ranks that turned come first.

    A side is an edition (2020.1), `published`, a day (2021-01-05, of `adoption build --as-of`), or a DuckDB file.
    """
    from adoption.editions.diff import compare
    from adoption.editions.diff_report import print_comparison

    form = _form(as_csv, as_json)
    comparison = compare(settings, before, after)
    print_comparison(comparison, f"{before} to {after}", form, everything)


@main.group(short_help="Files that people drop into data/inbox/<source>/.")
def inbox() -> None:
    """Files that people drop into data/inbox/<source>/; a build takes them."""


@inbox.command(short_help="Try a file without taking it.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", shell_complete=sources, help="Try it on this source only, instead of on each.")
@click.pass_context
def check(context: click.Context, file: Path, source: str | None) -> None:
    """Try FILE without taking it: whose it is, its form, rows, period and names, or what is wrong with it.

    Exit code 0: a build would take it. 1: it would refuse it.
    """
    from adoption.cli.inbox import check as check_file

    context.exit(0 if check_file(context.obj, file, source) else 1)


@inbox.command(short_help="The documented forms of every source.")
@click.pass_obj
def forms(settings: Settings) -> None:
    """The documented forms of every source, as a table in Markdown."""
    from adoption.cli.inbox import forms as forms_of
    from ingest.catalog import load_catalog

    click.echo(forms_of(load_catalog(settings.catalog)), nl=False)


@inbox.command("count-notebooks", short_help="Count imports in local copies of Meta Kaggle.")
@click.argument("tables", type=FOLDER)
@click.argument("sources", type=FOLDER)
@click.option("--from", "first", required=True, type=click.DateTime(["%Y-%m"]), help="First month, such as 2019-01.")
@click.option("--to", "last", required=True, type=click.DateTime(["%Y-%m"]), help="Last month, within.")
@click.option("--with-forks", is_flag=True, help="Count forks too.")
@click.pass_obj
def count_notebooks(
    settings: Settings, tables: Path, sources: Path, first: datetime, last: datetime, with_forks: bool
) -> None:
    """Count imports in local copies of Meta Kaggle (TABLES) and Meta Kaggle Code (SOURCES); drop the counts.

    Nothing is available whole in memory, however large the files are. A build takes the dropped counts.
    """
    from adoption.cli.inbox import drop_notebook_counts

    drop_notebook_counts(settings, tables, sources, (first.date(), last.date()), with_forks)


@inbox.command(short_help="Withdraw an extract; nothing is deleted.")
@click.argument("extract_id")
@click.option("--reason", default="", help="Why, in words; it is kept with the event. Needed unless --dry-run.")
@click.option("--dry-run", is_flag=True, help="Say what would fall, and change nothing.")
@click.option("--undo", is_flag=True, help="Undo the withdrawal: the extract counts again, in its old place.")
@click.pass_obj
def retract(settings: Settings, extract_id: str, reason: str, dry_run: bool, undo: bool) -> None:
    """Withdraw EXTRACT_ID by a new event; nothing is deleted. The next build leaves it out."""
    from adoption.cli.withdrawal import withdraw

    withdraw(settings, extract_id, reason, undo, dry_run)


@main.command(short_help="Remove what need not be kept.")
@click.option("--days", type=click.IntRange(0), help="Keep runs, files and clones for so long; by default 90 days.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@click.pass_obj
def prune(settings: Settings, days: int | None, dry_run: bool) -> None:
    """Remove what need not be kept: old runs, drafts, orphan blobs, taken files, as-of files, clones.

    Landed extracts, editions and the published file are never removed. Each build does the same.
    """
    from adoption.cli.upkeep import prune as prune_folder

    prune_folder(settings if days is None else replace(settings, keep_days=days), dry_run)


@main.command(short_help="What is wrong with the data folder, and how to fix it.")
@AS_JSON
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look whether the data folder is in order, end runs whose process has died, and say how to fix the rest.

    Exit code 0: all is well. 3: something is to be fixed.
    """
    from adoption.cli.upkeep import doctor as look

    context.exit(0 if look(context.obj, as_json) else 3)


@main.command(short_help="Open Dagster: assets, runs, checks, schedules.")
@click.option("--port", type=click.IntRange(1, 65_535), default=3000, show_default=True, help="Of this machine only.")
@click.option("--schedules", is_flag=True, help="Let schedules and the sensor run, which they do not otherwise.")
@click.pass_context
def ui(context: click.Context, port: int, schedules: bool) -> None:
    """Serve Dagster's web interface, with its daemon, until it is interrupted."""
    from adoption.cli.ui import serve

    context.exit(serve(context.obj, port, schedules))


@main.command(short_help="Run dbt on this warehouse.", context_settings=AS_IT_COMES)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def dbt(context: click.Context, arguments: tuple[str, ...]) -> None:
    """Run dbt on this warehouse: adoption dbt build --select fct_coverage."""
    from adoption.warehouse.dbt import Dbt
    from adoption.warehouse.lock import locked
    from ingest.catalog import load_catalog

    settings: Settings = context.obj
    with locked(settings):
        context.exit(Dbt(settings, load_catalog(settings.catalog)).command_line(arguments))
