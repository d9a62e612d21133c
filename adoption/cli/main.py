"""The command `adoption`.

Belongs here: the group, and the commands that land and build: options, and calling the module that does the work. Does
not belong here: the work, or the commands that read what is published (`adoption.cli.reading`). Modules are imported
by the command that needs them, so that a quick command does not wait for Dagster and dbt.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adoption.cli.completion import sources
from adoption.cli.errors import Commands
from adoption.cli.options import AS_JSON, FOLDER, YEAR
from adoption.cli.reading import COMMANDS
from adoption.logs import FORMAT as LOG_FORMAT
from adoption.logs import log_into, say_error
from adoption.settings import Settings

if TYPE_CHECKING:
    from adoption.cli.serve import Part
    from adoption.raw_log.engines import EngineName

STOPPED = "What was published before stays; what was landed is kept. The same command goes on from there."
DAY = click.DateTime(["%Y-%m-%d"])
DEFAULT_YEAR = "by default the newest in which three channels or more compare the two"
LOG_ENGINES = ("duckdb", "spark", "spark_cluster")
WAIT = click.option("--wait", is_flag=True, help="Wait for a build that is running instead of refusing.")
FORCE = click.option("--force", is_flag=True, help="Build also where nothing is new.")
NOT_PUBLISHED = 1
AS_IT_COMES = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--catalog", type=FOLDER, envvar="ADOPTION_CATALOG", help="The folder of the catalog's YAML files.")
@click.option("--data", type=FOLDER, envvar="ADOPTION_DATA", help="The folder of everything that is built or landed.")
@click.option("--extracts", type=FOLDER, envvar="ADOPTION_EXTRACTS", help="The folder of the shipped extracts.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    envvar=LOG_FORMAT,
    default="text",
    show_default=True,
    help="json: a line of JSON on standard error for each thing that is logged.",
)
@click.version_option(None, "-V", "--version", package_name="adoption-warehouse")
@click.pass_context
def main(
    context: click.Context, catalog: Path | None, data: Path | None, extracts: Path | None, log_format: str
) -> None:
    """Did a framework's adoption grow: more than the median package, where, and against whom?"""
    options: dict[str, Any] = {"catalog": catalog, "data": data, "extracts": extracts}
    given = {name: path for name, path in options.items() if path is not None}
    context.obj = replace(Settings.from_environment(), **given)
    os.environ[LOG_FORMAT] = log_format
    log_into(context.obj.logs)


for command in COMMANDS:
    main.add_command(command)


@main.command(short_help="Load, build, check and publish.")
@click.option(
    "--as-of", type=DAY, metavar="DATE", help="Only what was available on that day, into data/as_of/DATE.duckdb."
)
@WAIT
@FORCE
@click.pass_context
def build(context: click.Context, as_of: datetime | None, wait: bool, force: bool) -> None:
    """Load, build, check and publish; where no extract, rule or package is new, say so and stop.

    Exit code 0: published, or nothing is new. 3: published, but a source has failed. 1: not published; the last
    published file stays.
    """
    if as_of and as_of.date() > datetime.now(UTC).date():
        raise click.BadParameter(f"{as_of:%Y-%m-%d} lies in the future: nobody knows what will be available then.")
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
    report = as_object(context.obj)
    print_json(report)
    context.exit(0 if report["is_valid"] else 1)


@main.command(short_help="Fetch what is expected and missing from the sources.")
@click.argument("sources", nargs=-1, shell_complete=sources)
@click.option("--from", "first", metavar="PERIOD", help="No period before this year or month, such as 2019-01.")
@click.option("--to", "last", metavar="PERIOD", help="No period after this year or month.")
@click.option("--dry-run", is_flag=True, help="Print what would be fetched, and fetch nothing.")
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

    from adoption.cli.refresh import fetch_all, show_plan, window_of
    from adoption.warehouse.processes import ended_by_signals
    from ingest.files import make_private

    console = Console(highlight=False)
    window = window_of(first, last)
    if dry_run:
        show_plan(context.obj, sources, window, console)
        return
    make_private(context.obj.data)
    with ended_by_signals(STOPPED):
        outcome = fetch_all(context.obj, sources, window, console)
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
    from adoption.publish.publication import place_of
    from adoption.warehouse.landing import landing_of
    from adoption.warehouse.lock import locked
    from adoption.warehouse.processes import ended_by_signals

    # what is wrong with an address is said before the work
    place_of(settings)
    landing_of(settings)
    with ended_by_signals(STOPPED), locked(settings, wait):
        if not force and not news(settings):
            from orchestration.dead_runs import end_dead_runs_of

            end_dead_runs_of(settings)
            _catch_up(settings)
            click.echo(f"Nothing is new (--force builds all the same). Published: {settings.published}")
            return 0
        return _build_all(settings)


def _catch_up(settings: Settings) -> None:
    """Send what is still to be told of earlier builds, and what they published."""
    from adoption.notices.addresses import is_configured

    if is_configured(os.environ):
        from orchestration.notices import tell_of_runs

        for problem in tell_of_runs(settings):
            click.echo(f"A notice was not delivered: {problem}. The next build tries again.")
    if settings.publish_to:
        from adoption.editions.store import identity
        from adoption.publish.publication import send

        sent = send(settings, identity(settings).edition)
        if sent:
            click.echo(f"Sent: {settings.publish_to}, {sent.key}")


def _build_all(settings: Settings) -> int:
    from rich.console import Console

    from orchestration.runner import build as run_build

    outcome = run_build(settings, Console())
    for line in outcome.summary(settings):
        click.echo(line) if outcome.published else say_error(line)
    return outcome.exit_code


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


@main.command(short_help="Say what an alarm was; the figures count again.")
@click.argument("alarm_id", required=False)
@click.option("--why", help="What it was, in a sentence.")
@click.option("--withdraw", is_flag=True, help="The figures are wrong, and stay out.")
@click.option("--controls", is_flag=True, help="Write control totals and anchor figures anew, after a review of them.")
@click.pass_obj
def accept(settings: Settings, alarm_id: str | None, why: str | None, withdraw: bool, controls: bool) -> None:
    """Write what the alarm ALARM_ID was into register.yaml of the catalog; the next build goes by it."""
    from adoption.reports.alarms import decide, write_controls

    if controls:
        click.echo(f"Written: {write_controls(settings, settings.catalog)}")
        return
    if not alarm_id or not (why or "").strip():
        raise click.UsageError("Needed are an ALARM_ID, as adoption alarms gives it, and --why.")
    click.echo(decide(settings, alarm_id, str(why).strip(), "withdrawn" if withdraw else "accepted"), nl=False)


@main.command(short_help="Send notices that wait, or a test of the addresses.")
@click.option("--test", "is_test", is_flag=True, help="Send a test to each address, and nothing else.")
@click.pass_context
def notify(context: click.Context, is_test: bool) -> None:
    """Send the notices that wait to the addresses of ADOPTION_NOTIFY, or of the file that ADOPTION_NOTIFY_FILE names.

    Exit code 0: everything was taken. 3: something was not, and the reason is printed.
    """
    from adoption.cli.notify import notify as send_notices

    context.exit(0 if send_notices(context.obj, is_test) else 3)


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


@main.command("serve", short_help="Become a part of a server: code, web or daemon.")
@click.argument("part", type=click.Choice(["code", "web", "daemon"]))
@click.option("--host", default="127.0.0.1", show_default=True, help="What the web server listens on.")
@click.option("--port", type=click.IntRange(1, 65_535), default=3000, show_default=True, help="Of the web server.")
@click.option("--read-only", is_flag=True, help="A web server on which nobody can start, stop or delete anything.")
@click.option("--check", is_flag=True, help="Only say whether the part is alive; exit code 1 if it is not.")
@click.pass_context
def serve_part(context: click.Context, part: Part, host: str, port: int, read_only: bool, check: bool) -> None:
    """Become the definitions, Dagster's web server or its daemon, for a service manager or a container; schedules on.

    ADOPTION_DAGSTER_YAML names a configuration of Dagster, such as deploy/dagster.yaml; its storage is made or migrated
    first. The web server knows no users: put it behind a proxy that does. docs/how-to/deploy.md tells the rest.
    """
    from adoption.cli.serve import is_alive, serve

    if check:
        context.exit(0 if is_alive(context.obj, part, port) else 1)
    serve(context.obj, part, host, port, read_only)


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
