"""The commands that read what is published, and write it elsewhere.

Belongs here: options, and calling the module that does the work. Does not belong here: the work, or a command that
changes what is landed or built (`adoption.cli.main`). Modules are imported by the command that needs them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from adoption.cli.completion import contenders, entities, metrics, verdicts
from adoption.cli.options import AS_JSON, FOLDER, YEAR
from adoption.settings import Settings

if TYPE_CHECKING:
    from adoption.reports.console import OutputFormat
    from adoption.reports.posts import Network

ENTITY = click.option(
    "--entity", shell_complete=contenders, help="The contender it speaks of; unless given, the focus of review.yaml."
)
AGAINST = click.option(
    "--against",
    shell_complete=contenders,
    help="The contender it is compared with; unless given, the benchmark of review.yaml.",
)
NETWORKS = ("x", "bluesky", "mastodon")
LOCAL_SITE = "http://localhost:8000/"


@click.command(short_help="The review of a year, channel by channel.")
@click.argument("year", type=YEAR, required=False)
@click.option("--all", "everyone", is_flag=True, help="Every contender, not only focus and benchmark.")
@click.option("-v", "--verbose", "is_verbose", is_flag=True, help="How each metric is read, and its caveats.")
@AS_JSON
@click.pass_obj
def review(settings: Settings, year: int | None, everyone: bool, is_verbose: bool, as_json: bool) -> None:
    """Print the review of YEAR, channel by channel; by default of the newest with enough channels."""
    from adoption.reports.review import show

    show(settings, year, everyone, is_verbose=is_verbose, as_json=as_json)


@click.command(short_help="What can be said of a year, a sentence a channel.")
@click.argument("year", type=YEAR, required=False)
@ENTITY
@AGAINST
@AS_JSON
@click.pass_obj
def brief(settings: Settings, year: int | None, entity: str | None, against: str | None, as_json: bool) -> None:
    """What can be said of YEAR: one sentence a channel, with the channels counted on top."""
    from adoption.reports.brief import show

    show(settings, year, entity, against, as_json=as_json)


@click.command(short_help="How many channels answer, year by year.")
@ENTITY
@AGAINST
@click.pass_obj
def answers(settings: Settings, entity: str | None, against: str | None) -> None:
    """In how many channels each year has an answer: a direction, and who leads."""
    from adoption.reports.answers import show

    show(settings, entity, against)


@click.command(short_help="Write a year as a page, Markdown and posts.")
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

    Without YEAR it is the newest that enough channels speak of. What is there already and has not changed is left.
    """
    from adoption.publish.inputs import inputs_of
    from adoption.reports.page.place import PAGE, target
    from ingest.files import is_made_from, written

    folder = target(settings, year, entity, against, out)
    inputs = inputs_of(settings, year, entity, against, network)
    is_there = is_made_from(folder, inputs)
    if not is_there:
        from adoption.editions.store import identity
        from adoption.reports.charts import png
        from adoption.reports.page.render import make, write

        made = make(settings, year, entity, against)
        write(made.of_edition(identity(settings, made.content.year)), folder, network, inputs)
        if not png.is_installed():
            click.echo(png.MISSING, err=True)
    outcome = "Nothing changed" if is_there else "Written"
    click.echo(f"{outcome}, {len(written(folder))} files: {folder / PAGE}")


@click.command(short_help="Write the site: explorer, JSON, CSV, badges, feed.")
@click.argument("folder", type=FOLDER, required=False)
@click.option("--url", default=LOCAL_SITE, show_default=True, help="Where it will be served: for feed and sitemap.")
@click.pass_obj
def site(settings: Settings, folder: Path | None, url: str) -> None:
    """Write the site to FOLDER (by default data/site): files that open from disk and from any host.

    What is there already and has not changed is left as it is.
    """
    from adoption.site.build import target, write

    made = write(settings, target(settings, folder), url)
    outcome = "Written" if made.is_new else "Nothing changed"
    click.echo(f"{outcome}, {made.files} files: {made.folder / 'index.html'}")


@click.command("mcp", short_help="Answer assistants: a server of read-only tools.")
@click.option("--http", "port", type=click.IntRange(1, 65535), help="Serve on this port of this machine instead.")
@click.pass_obj
def serve_assistants(settings: Settings, port: int | None) -> None:
    """Answer the questions of assistants from the published file, over the Model Context Protocol.

    It speaks on standard input and output, or with --http on a port that only this machine reaches. Needs the extra
    `mcp`.
    """
    from adoption.assistants.server import serve

    serve(settings, port)


@click.command(short_help="What is available of each source, and what is missing.")
@click.option("--check", is_flag=True, help="Only what somebody must see to, a line each; exit code 3 if there is any.")
@click.option("--prometheus", is_flag=True, help="Numbers for Prometheus, in its text format.")
@AS_JSON
@click.pass_context
def status(context: click.Context, check: bool, prometheus: bool, as_json: bool) -> None:
    """What is available of each source, what is missing, and what has ended."""
    if check or prometheus:
        context.exit(_look_after(context.obj, prometheus, as_json))
    from adoption.reports.status import show

    context.exit(0 if show(context.obj, as_json=as_json) else 3)


def _look_after(settings: Settings, for_prometheus: bool, as_json: bool) -> int:
    """Print findings, or numbers for Prometheus; return the exit code."""
    from dataclasses import asdict

    from adoption.notices import findings
    from adoption.reports.console import print_json
    from adoption.reports.health import health_of, prometheus
    from orchestration.queue import queued_runs

    health = health_of(settings, queued_runs(settings), findings(settings))
    if for_prometheus:
        click.echo("\n".join(prometheus(health)))
        return 0
    if as_json:
        print_json([asdict(finding) for finding in health.findings])
    else:
        for finding in health.findings:
            click.echo(finding.line)
    return 3 if health.findings else 0


@click.command(short_help="Slumps, spikes and level shifts, and what explains them.")
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


@click.command(short_help="What checks found and nobody has looked into.")
@click.option("--every", is_flag=True, help="Also what was looked into already.")
@AS_JSON
@click.pass_context
def alarms(context: click.Context, every: bool, as_json: bool) -> None:
    """Figures that contradict one another, movements that nothing explains, reviewed figures that are others now.

    The exit code is 3 where one is new.
    """
    from adoption.reports.alarms import alarms as found
    from adoption.reports.console import print_json

    rows = found(context.obj, every)
    if as_json:
        print_json({"alarms": rows})
    for row in () if as_json else rows:
        where = f" ({row['filename']})" if row["filename"] else ""
        click.echo(f"{row['status']}: {row['label']}{where}\n  {row['alarm_id']}")
    if not rows and not as_json:
        click.echo("Nothing that nobody has looked into.")
    context.exit(3 if any(row["status"] == "new" for row in rows) else 0)


@click.command(short_help="Published statements as tests, with their verdicts.")
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


def _form(as_csv: bool, as_json: bool) -> OutputFormat:
    """The form that is asked for."""
    if as_csv and as_json:
        raise click.UsageError("--csv and --json exclude each other.")
    return "csv" if as_csv else "json" if as_json else "table"


@click.command(
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

    from adoption.cli.streams import query_of
    from adoption.publish.reader import open_published
    from adoption.reports.console import print_rows

    form = _form(as_csv, as_json)
    text = query_of(query)
    statements = duckdb.extract_statements(text)
    if not statements:
        raise click.UsageError("The query is empty; expected SQL such as: from marts.fct_adoption_yoy limit 5")
    if (lost := sum(statement.type == duckdb.StatementType.SELECT for statement in statements[:-1])) > 0:
        raise click.UsageError(
            f"Only the last statement is answered, and {lost} before it would be too: ask one by one."
        )
    with open_published(settings) as connection:
        print_rows(connection.execute(text), form)


@click.command(short_help="Write the marts as Parquet and CSV.")
@click.argument("folder", type=FOLDER, required=False)
@click.pass_obj
def export(settings: Settings, folder: Path | None) -> None:
    """Write the marts as Parquet and CSV to FOLDER (by default data/export), with datapackage.json and datasheet.md."""
    from adoption.editions.store import citation_of, identity
    from adoption.export.writer import export as write

    target, named = folder or settings.export, identity(settings)
    tables = write(settings, target, named, citation_of(settings, named.edition) if named.edition else None)
    click.echo(f"Exported {len(tables)} tables: {target}")


@click.command(short_help="Write the dictionary and dbt's documentation.")
@click.argument("folder", type=FOLDER, required=False)
@click.pass_obj
def docs(settings: Settings, folder: Path | None) -> None:
    """Write the dictionary and dbt's documentation, one page, to FOLDER (by default data/docs)."""
    from adoption.export.dictionary import write_docs

    written = write_docs(settings, folder or settings.docs)
    for path in written:
        click.echo(f"Written: {path}")


@click.command(short_help="Which metrics are complete for a year, and what is not.")
@click.argument("year", type=YEAR)
@AS_JSON
@click.pass_context
def ready(context: click.Context, year: int, as_json: bool) -> None:
    """Which metrics have their YEAR, what will still come and when, what never will, and how to get the rest.

    Exit code 0: nothing is to wait for or to get. 3: something is.
    """
    from adoption.reports.readiness import show

    context.exit(0 if show(context.obj, year, as_json=as_json) else 3)


@click.command(short_help="Freeze what is published as an edition.")
@click.argument("year", type=YEAR)
@click.pass_obj
def freeze(settings: Settings, year: int) -> None:
    """Freeze what is published as the next edition of YEAR: data/editions/YEAR.N, never changed again."""
    from adoption.editions.store import freeze as freeze_year

    frozen = freeze_year(settings, year)
    if settings.publish_to:
        from adoption.publish.publication import send

        send(settings, frozen.name)
    click.echo(f"Frozen: {frozen.folder}" if frozen.is_new else f"Nothing changed since {frozen.name}: {frozen.folder}")


@click.command(short_help="Take what another machine published.")
@click.pass_obj
def pull(settings: Settings) -> None:
    """Take the file that is published in the bucket of ADOPTION_PUBLISH_TO as the published file of this machine.

    It is compared with the sha256 of the pointer and swapped whole; where it is here already, nothing is done.
    """
    from adoption.publish.publication import pull as pull_file
    from adoption.warehouse.lock import locked

    with locked(settings):
        pointer, is_news = pull_file(settings)
    what = f"edition {pointer.edition}, " if pointer.edition else ""
    said = f"{what}sha256 {pointer.sha256[:12]}, published {pointer.published_at:%Y-%m-%d %H:%M} UTC"
    click.echo(f"Pulled: {settings.published} ({said})" if is_news else f"Nothing is new ({said})")


@click.command(short_help="What changed between two editions, and why.")
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


COMMANDS = (
    review,
    brief,
    answers,
    report,
    site,
    serve_assistants,
    status,
    anomalies,
    alarms,
    claims,
    sql,
    export,
    docs,
    ready,
    freeze,
    pull,
    diff,
)
