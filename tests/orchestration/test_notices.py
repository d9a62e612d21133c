"""Ten builds of a small world, and a service on this machine that hears each of the six notices once."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import yaml

from adoption.notices import findings
from adoption.notices.notice import TITLES
from adoption.settings import REPOSITORY
from adoption.warehouse.dbt import environment
from orchestration.automation import sensors
from orchestration.definitions import JOB, build_defs
from orchestration.instance import fit_configuration, open_instance
from tests.conftest import GOOD_MONTHS, World, run_build
from tests.ingest.publisher import Publisher, Say, publishing

pytestmark = pytest.mark.slow

SECRET = "s3cret"
SUM = "(select coalesce(sum(downloads), 0) from {{ ref('stg_months') }} where package = '%s')"
ANVIL, HAMMER = SUM % "anvil", SUM % "hammer"
COLUMNS = (
    *("sentence", "lead_parts", "parts", "lead_low", "lead_high", "against_low", "against_high", "lead_common_months"),
    *("ratio_low", "ratio_high", "prior_ratio_low", "prior_ratio_high", "lead_agreeing", "lead_exceptions"),
    *("lead_inconclusive", "ground"),
)
"""Columns of the brief that the words of a lead read, and that this world has nothing to say in."""
MODELS = {
    "fct_claims": f"""
        select 'c1' as claim_id, null::varchar as reading_id, 'Smiths forge.' as claim_text, 'A. Smith' as said_by,
            case when {HAMMER} >= 40 then 'contradicted' else 'reproduced' end as verdict
        from (select distinct 1 as one from {{{{ ref('stg_months') }}}})
    """,
    "fct_alarms": f"""
        select 'a1' as alarm_id, 'new' as status, 'anvils doubled in a month' as label, 'c.csv' as filename,
            date '2020-02-01' as start_date
        from (select distinct 1 as one from {{{{ ref('stg_months') }}}})
        where {ANVIL} >= 50
    """,
    "fct_adoption_monthly": " union all ".join(
        f"""
        select distinct 'pypi_tools' as source_id, date '2020-{month:02}-01' as month_date, 'flow' as kind
        from {{{{ ref('stg_months') }}}} where {month} < 12 or {ANVIL} >= 50
        """
        for month in range(1, 13)
    ),
    "fct_observations": """
        select package as source_id, 'year' as grain, month_date as period_start
        from {{ ref('stg_months') }} where false
    """,
    "rpt_brief": f"""
        select 2020 as year, 'tf_keras' as entity_id, 'jax' as against_entity_id, 1 as line_number,
            'channel' as line_kind, 'downloads' as channel, 'm' as metric_id, 'Downloads' as metric_label,
            'Anvil' as entity_label, 'Hammer' as against_label, 'flow' as kind, 'downloads' as unit,
            'S' as source_label, 'b' as basis, 'S' as lead_source_label, 'b' as lead_basis, true as is_level_known,
            {ANVIL} as lead_value, {HAMMER} as against_value,
            case when {ANVIL} > {HAMMER} then 'leads' else 'trails' end as lead,
            {", ".join(f"null::varchar as {name}" for name in COLUMNS)}
        from (select distinct 1 as one from {{{{ ref('stg_months') }}}})
    """,
}
KEYS = {
    "fct_claims": ["claim_id", "coalesce(reading_id, 'none')"],
    "rpt_brief": ["year", "entity_id", "against_entity_id", "line_number"],
}


def extend(world: World) -> None:
    """Give the small world leads, a claim, an alarm and a year that follow from its two packages."""
    marts = world.project / "models" / "marts"
    for name, sql in MODELS.items():
        (marts / f"{name}.sql").write_text(sql)
    described = [_described(name, sql) for name, sql in MODELS.items()]
    (marts / "_told.yml").write_text(yaml.safe_dump({"models": described}))
    models = world.project / "models" / "_models.yml"
    read = yaml.safe_load(models.read_text())
    read["models"] = [model for model in read["models"] if model["name"] not in MODELS]
    models.write_text(yaml.safe_dump(read))
    macro = REPOSITORY / "dbt_project" / "macros" / "dbt" / "test_unique_combination.sql"
    shutil.copyfile(macro, world.project / "macros" / macro.name)


@pytest.fixture
def told(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[World, Publisher]]:
    """The small world so extended, and who is told."""
    extend(world)
    with publishing() as publisher:
        publisher.answers("*", Say("{}"))
        monkeypatch.setenv("ADOPTION_NOTIFY", publisher.url.replace("http://", f"json://me:{SECRET}@"))
        yield world, publisher


def _described(name: str, sql: str) -> dict[str, object]:
    """A model as YAML: a description of it and of each column, and its key."""
    with duckdb.connect() as connection:
        connection.execute("create table stg_months (package varchar, month_date date, downloads integer)")
        query = sql.replace("{{ ref('stg_months') }}", "stg_months")
        columns = [row[0] for row in connection.execute(f"describe {query}").fetchall()]
    key = KEYS.get(name)
    tests = [{"unique_combination": {"arguments": {"columns": key}}}] if key else []
    described = [{"name": column, "description": "Of the test."} for column in columns]
    return {"name": name, "description": "Of the test.", "data_tests": tests, "columns": described}


def heard(publisher: Publisher) -> list[tuple[str, str]]:
    """Kind and text of each notice, in their order."""
    kinds = {title: kind for kind, title in TITLES.items()}
    bodies = [json.loads(request.body) for request in publisher.heard]
    return [(kinds[body["title"]], body["message"]) for body in bodies]


def remove(world: World, name: str) -> None:
    for path in (world.extracts / "pypi_tools").glob(f"{name}*"):
        path.unlink()


SAW = "saw,2020-01-01,10,pypinfo,,c1\n"
MORE = "anvil,2020-02-01,20,pypinfo,,c1\n"


def nothing_happens(_: World) -> None:
    """The next build finds what the last one found."""


def a_file_is_cut(world: World) -> None:
    world.land(GOOD_MONTHS.replace("10", "20"), "cut.csv", sha256="0" * 64)


def a_lead_turns(world: World) -> None:
    remove(world, "cut.csv")
    world.land(MORE, "b.csv")


def a_package_is_unknown(world: World) -> None:
    world.land(SAW, "saw.csv")


def a_model_breaks(world: World) -> None:
    remove(world, "saw.csv")
    world.edit("models/staging/stg_months.sql", "select package", "select no_such_column, package")


def all_is_mended_and_december_comes_in(world: World) -> None:
    world.edit("models/staging/stg_months.sql", "no_such_column, ", "")
    world.land(MORE, "c.csv")


BUILDS: tuple[tuple[Callable[[World], None], int, int], ...] = (
    (nothing_happens, 0, 0),
    (a_file_is_cut, 3, 1),
    (nothing_happens, 3, 1),
    (a_lead_turns, 0, 2),
    (a_package_is_unknown, 1, 3),
    (nothing_happens, 1, 3),
    (a_model_breaks, 1, 4),
    (nothing_happens, 1, 4),
    (all_is_mended_and_december_comes_in, 0, 6),
    (nothing_happens, 0, 6),
)
"""What happens before each build, how it ends, and how many notices were sent until then."""


def test_each_of_the_six_notices_is_sent_once_over_ten_builds(told: tuple[World, Publisher]) -> None:
    world, publisher = told
    ends = []
    for happens, _, _ in BUILDS:
        happens(world)
        ends.append((run_build(world).outcome.exit_code, len(publisher.heard)))

    assert ends == [(code, count) for _, code, count in BUILDS], heard(publisher)
    notices = heard(publisher)
    told_kinds = Counter(kind for kind, _ in notices)
    assert told_kinds == Counter(
        {"source_failed": 1, "turned": 1, "check_blocked": 1, "run_failed": 1, "anomaly_new": 1, "year_complete": 1}
    ), notices
    texts = dict(notices)
    assert texts["source_failed"].startswith("pypi-tools monthly counts (pypi_tools) failed: cut.csv: the bytes were")
    assert texts["turned"] == "Anvil, Downloads 2020: it leads Hammer, 30 against 20; before, it trailed Hammer."
    assert texts["check_blocked"].startswith("only_known_packages on marts/fct_months does not pass (")
    assert texts["run_failed"].startswith("The build failed: ")
    assert "no_such_column" in texts["run_failed"]
    assert texts["anomaly_new"].startswith("anvils doubled in a month (c.csv). What it touches is withheld; ")
    assert texts["year_complete"].startswith(
        "pypi-tools monthly counts (pypi_tools): 2020 is complete: 2020-12 came in"
    )
    assert all("\n" not in text for _, text in notices)
    _assert_secret_is_nowhere(world.data)


def _assert_secret_is_nowhere(data: Path) -> None:
    holding = [path for path in data.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert holding == []


def test_a_verdict_that_turned_is_told_and_a_service_that_is_down_gets_it_from_the_next_build(
    told: tuple[World, Publisher],
) -> None:
    world, publisher = told
    run_build(world)
    publisher.answers("*", Say("down", 503))
    world.land("hammer,2020-02-01,20,pypinfo,,c1\nanvil,2020-02-01,20,pypinfo,,c1\n", "b.csv")
    output = run_build(world).output

    assert "A notice was not delivered: the service refused it or did not answer. The next build tries again." in output
    assert SECRET not in output
    [finding] = findings(world)
    assert "1 notice was not delivered" in finding.line
    publisher.answers("*", Say("{}"))
    publisher.heard.clear()
    assert run_build(world).outcome.exit_code == 0
    run_build(world)

    assert [text for _, text in heard(publisher)] == [
        "“Smiths forge.” (A. Smith): contradicted; before, reproduced. adoption claims shows the readings."
    ]
    assert findings(world) == []


def test_runs_of_the_daemon_are_told_by_its_sensor_and_no_run_twice(told: tuple[World, Publisher]) -> None:
    world, publisher = told
    world.land("saw,2020-01-01,10,pypinfo,,c1\n", "saw.csv")
    sensor = next(sensor for sensor in sensors(world, JOB) if sensor.name == "notices_sensor")
    fit_configuration(world.dagster_home)
    with environment(world), open_instance(world) as instance:
        context = dg.build_sensor_context(instance)
        sensor(context)
        job = build_defs(world).resolve_job_def(JOB)
        for _ in range(2):
            job.execute_in_process(instance=instance, raise_on_error=False)
            sensor(context)
        sensor(context)
        context.update_cursor("1.0")
        sensor(context)  # a daemon whose cursor was lost sees old runs again

    assert [kind for kind, _ in heard(publisher)] == ["check_blocked"]
