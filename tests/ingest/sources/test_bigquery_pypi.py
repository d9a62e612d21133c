"""The download log in BigQuery: what is asked and billed, by Google's own client against a server on this machine.

Belongs here: this source's protocol and rows. Tests that need the extra `bigquery` are skipped, aloud, where it is not
installed. Does not belong here: Google's client itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from ingest.catalog import Access, Extra
from ingest.clients.http import Client
from ingest.errors import BudgetError, ExtractError
from ingest.landing import digest
from ingest.model import Fetch, Scope
from ingest.refresh import RequestOutcome, switched_off
from ingest.sources.bigquery_pypi import BUSY, COLUMNS, FORM, POPULATION_FORM, SOURCE, MonthRow, fetch
from tests.ingest.one_source import OneSource, named, shipped_catalog
from tests.ingest.publisher import Heard, PatientClock, Publisher, Say, publishing

SPAN = (date(2020, 2, 1), date(2020, 3, 1))
VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
Row = tuple[str, str, str, str, int, int, int]
ROWS: list[Row] = [
    ("2020-02-01", "anvil", "", "not marked", 3, 3, 2),
    ("2020-02-01", "anvil", "pip", "marked", 700, 500, 20),
    ("2020-02-01", "anvil", "pip", "not marked", 300, 250, 19),
    ("2020-02-01", BUSY, "pip", "not marked", 9_000, 6_000, 29),
]
LOADED = (
    "select installer, automation, downloads, days_held, artifact_downloads from raw.bigquery_pypi__months order by all"
)
GOOD = [("", "not marked", 3, 29, 3), ("pip", "marked", 700, 29, 500), ("pip", "not marked", 300, 29, 250)]


def body_of(rows: list[Row], **changes: object) -> bytes:
    """What the connector lands."""
    return json.dumps(
        {"rows": [dict(zip(COLUMNS, row, strict=True)) for row in rows], "busy": BUSY, **changes}
    ).encode()


def landed(folder: Path, body: bytes) -> tuple[Fetch, Path]:
    path = folder / "2020-02.json"
    path.write_bytes(body)
    fetch = Fetch(
        SOURCE.name, Scope("months", *SPAN, ("anvil",)), path.name, digest(body), datetime(2020, 6, 1, tzinfo=UTC), ""
    )
    return replace(fetch, form=FORM), path


def test_landed_rows_are_those_of_what_was_asked_for_with_the_days_that_the_log_holds(tmp_path: Path) -> None:
    rows = [dict(row.fields) for row in SOURCE.parse(*landed(tmp_path, body_of(ROWS)))]
    columns = ("installer", "automation", "downloads", "days_held", "artifact_downloads")
    assert [tuple(row[name] for name in columns) for row in rows] == GOOD
    assert {(row["project"], row["month_date"]) for row in rows} == {("anvil", "2020-02-01")}


def test_a_reply_from_before_files_were_asked_for_is_still_read(tmp_path: Path) -> None:
    before = [
        {name: value for name, value in row.items() if name != "artifact_downloads"}
        for row in json.loads(body_of(ROWS))["rows"]
    ]
    rows = list(SOURCE.parse(*landed(tmp_path, json.dumps({"rows": before, "busy": BUSY}).encode())))
    assert [row.fields["downloads"] for row in rows] == [3, 700, 300]
    assert {row.fields["artifact_downloads"] for row in rows} == {None}


def test_a_file_from_before_files_were_asked_for_is_still_read(tmp_path: Path) -> None:
    columns = "project,month_date,installer,automation,downloads,days_held"
    for header, row in ((columns, ""), (f"{columns},artifact_downloads", ",6")):
        body = f"{header}\ntorch,2020-02-01,pip,marked,7,29{row}\n".encode()
        event, path = landed(tmp_path, body)
        (parsed,) = SOURCE.parse(replace(event, form="csv"), path)
        assert MonthRow.model_validate(
            dict(parsed.fields), context={"names": {"torch"}, "landed_on": date(2020, 6, 1)}
        ).artifact_downloads == (6 if row else None)


@pytest.mark.parametrize(
    ("body", "match"),
    [
        (body_of(ROWS)[:-20], "expected rows with month_date"),
        (b"[]", "expected rows with month_date"),
        (json.dumps({"rows": [{"project": "anvil"}], "busy": BUSY}).encode(), "is missing"),
        (body_of([*ROWS, ROWS[1]]), "twice: .*anvil pip marked"),
        (body_of([("2020-03-01", *ROWS[0][1:])]), "in 2020-02-01; found .*2020-03-01"),
        (body_of([("2020-02-01", "bellows", "pip", "marked", 1, 1, 1)]), "found .*bellows"),
    ],
)
def test_what_was_not_landed_whole_is_refused(tmp_path: Path, body: bytes, match: str) -> None:
    with pytest.raises(ExtractError, match=match):
        list(SOURCE.parse(*landed(tmp_path, body)))


LISTED: list[dict[str, Any]] = [
    {"project": BUSY, "pip_only": 90, "without_mirrors": 95, "all_installers": 99, "artifacts_only": None, "days": 31},
    {"project": "x", "pip_only": None, "without_mirrors": 5, "all_installers": 7, "artifacts_only": 6, "days": 3},
]


class QueryClient:
    """A desk without Google behind it, at which a query costs as many bytes as are said."""

    def __init__(self, client: Client, scope: Scope) -> None:
        self.client, self.scope = client, scope

    def estimate(self) -> int:
        return 100

    def rows(self, most_bytes: int) -> list[dict[str, Any]]:
        assert most_bytes == 100
        if self.scope.table == "population":
            return [dict(row) for row in LISTED]
        assert self.scope.terms == ("anvil", "anvil-small")
        rows: list[dict[str, Any]] = json.loads(body_of(ROWS))["rows"]
        return [{**row, "month_date": str(self.scope.period_start)} for row in rows]


def live_at(folder: Path, most_bytes: int, *, population: bool = False) -> OneSource:
    """The source with an account, at that desk."""
    live = OneSource(folder, "bigquery_pypi", "nowhere", *named("anvil", "anvil-small"), population=population)
    assert live.source.connector
    connector = replace(live.source.connector, fetch=partial(fetch, open_desk=QueryClient))
    live.source = replace(live.source, connector=connector)
    live.environment = {VARIABLE: "s3cret.json"}
    live.access["most_bytes"] = most_bytes
    return live


def test_all_packages_are_one_question_and_the_answer_goes_the_whole_way(tmp_path: Path) -> None:
    live = live_at(tmp_path, 100)
    assert [(outcome.result, outcome.reason) for outcome in live.refresh(SPAN)] == [("landed", "")]
    assert live.load() == [""]
    assert live.rows(LOADED) == GOOD
    (event,) = live.events()
    assert event.request["projects"] == ["anvil", "anvil-small"]
    assert "s3cret" not in json.dumps(dict(event.request))


def test_what_the_budget_does_not_allow_is_not_asked_newest_first(tmp_path: Path) -> None:
    outcomes = live_at(tmp_path, 250).refresh((date(2019, 10, 1), date(2020, 2, 1)))
    assert [(outcome.scope.period_start.month, outcome.result) for outcome in outcomes] == [
        (1, "landed"), (12, "landed"), (11, "failed"), (10, "not fetched"),
    ]  # fmt: skip
    assert {outcome.reason for outcome in outcomes[2:]} == {
        "the request would read 100 bytes, which are paid for; 50 are left of the budget of 250 a refresh"
    }


def test_the_largest_packages_are_asked_for_once_the_names_are(tmp_path: Path) -> None:
    live = live_at(tmp_path, 500, population=True)
    outcomes = live.refresh((date(2019, 12, 1), date(2020, 2, 1)))
    assert [(outcome.scope.table, outcome.scope.period_start.month, outcome.result) for outcome in outcomes] == [
        ("months", 1, "landed"), ("months", 12, "landed"), ("population", 1, "landed"), ("population", 12, "landed"),
    ]  # fmt: skip
    assert set(live.load()) == {""}
    loaded = "select * exclude (extract_id, row_number) from raw.bigquery_pypi__population order by all limit 2"
    assert live.rows(loaded) == [
        (BUSY, date(2019, 12, 1), 90, 95, 99, None, 3_000, 31),
        (BUSY, date(2020, 1, 1), 90, 95, 99, None, 3_000, 31),
    ]
    sql_by_table = {event.scope.table: event.request["sql"] for event in live.events()}
    assert "@length" in sql_by_table["population"]
    assert "@projects" in sql_by_table["months"]


def test_a_population_that_the_budget_does_not_allow_is_not_known_and_costs_no_month(tmp_path: Path) -> None:
    outcomes = live_at(tmp_path, 150, population=True).refresh(SPAN)
    assert [(outcome.scope.table, outcome.result) for outcome in outcomes] == [
        ("months", "landed"),
        ("population", "failed"),
    ]


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"rows": [*LISTED, LISTED[1]]}, "one row for each package"),
        ({"length": 1}, "more than 1 packages are in the lists without_mirrors, all_installers"),
        ({"rows": [{"project": "x"}]}, "is missing"),
        ({"length": None}, "a value is of another kind than expected"),
    ],
)
def test_a_population_that_was_not_landed_whole_is_refused(tmp_path: Path, changes: dict[str, Any], match: str) -> None:
    event, path = landed(tmp_path, json.dumps({"rows": LISTED, "busy": BUSY, "length": 2, **changes}).encode())
    scope = Scope("population", *SPAN)
    with pytest.raises(ExtractError, match=match):
        list(SOURCE.parse(replace(event, form=POPULATION_FORM, scope=scope), path))


def test_it_is_off_without_the_extra_or_the_account_and_says_so() -> None:
    entry = shipped_catalog().source("bigquery_pypi")
    assert entry.access
    assert entry.access.extra == Extra(name="bigquery", module="google.cloud.bigquery")
    there = entry.model_copy(
        update={"access": entry.access.model_copy(update={"extra": Extra(name="x", module="json")})}
    )
    gone = Extra(name="bigquery", module="no_such.module")
    missing = entry.model_copy(update={"access": entry.access.model_copy(update={"extra": gone})})
    assert switched_off(SOURCE, missing, {VARIABLE: "x"}) == (
        "needs the extra bigquery: .venv/bin/pip install -e '.[bigquery]'"
    )
    assert str(switched_off(SOURCE, there, {})).startswith(f"needs {VARIABLE} in the environment: the file of a Google")
    assert switched_off(SOURCE, there, {VARIABLE: "x"}) is None


def test_what_is_paid_for_has_a_budget() -> None:
    access = shipped_catalog().source("bigquery_pypi").access
    assert access
    assert access.most_bytes
    with Client(Access(urls=("local",), off="a test", most_bytes=100), PatientClock(), {}) as client:
        client.spend_bytes(60)
        with pytest.raises(
            BudgetError, match="would read 41 bytes, which are paid for; 40 are left of the budget of 100"
        ):
            client.spend_bytes(41)
        client.spend_bytes(40)


# --- Google's own client ----------------------------------------------------------------------------------------------


def is_installed() -> bool:
    try:
        return find_spec("google.cloud.bigquery") is not None
    except ModuleNotFoundError:
        return False


needs_google = pytest.mark.skipif(
    not is_installed(), reason="the extra `bigquery` is not installed: .venv/bin/pip install -e '.[bigquery]'"
)
JOBS = "/bigquery/v2/projects/smithy/jobs"
TYPES = {"month_date": "DATE", "downloads": "INTEGER", "artifact_downloads": "INTEGER", "days": "INTEGER"}
SCHEMA = {"fields": [{"name": name, "type": TYPES.get(name, "STRING"), "mode": "NULLABLE"} for name in COLUMNS]}


class Google:
    """The part of the service that one query needs: estimates are free, a query is a job, its rows come in pages."""

    def __init__(self, publisher: Publisher) -> None:
        self.queries: list[Mapping[str, Any]] = []
        self.estimate = 5_000_000_000
        self.pages = [ROWS]
        self.lost_rows = 0
        publisher.answers("/token", Say({"access_token": "opened", "expires_in": 3600, "token_type": "Bearer"}))
        publisher.answers(JOBS, self.job)
        publisher.answers("*", self.rows)

    def job(self, heard: Heard) -> Say:
        """The response to a new job."""
        assert heard.headers["authorization"] == "Bearer opened"
        request = json.loads(heard.body)
        self.queries.append(request["configuration"])
        name = {"projectId": "smithy", "jobId": "j1", "location": "US"}
        status = {"state": "DONE"}
        statistics = {"totalBytesProcessed": str(self.estimate), "query": {"totalBytesProcessed": str(self.estimate)}}
        table = {"projectId": "smithy", "datasetId": "d", "tableId": "t"}
        query = {**request["configuration"]["query"], "destinationTable": table}
        configuration = {**request["configuration"], "query": query}
        return Say({"jobReference": name, "status": status, "statistics": statistics, "configuration": configuration})

    def rows(self, heard: Heard) -> Say:
        """The job's rows, page by page."""
        page = int(heard.params.get("pageToken", "0"))
        rows = [{"f": [{"v": str(value)} for value in row]} for row in self.pages[page]]
        total = sum(len(each) for each in self.pages) + self.lost_rows
        name = {"projectId": "smithy", "jobId": "j1", "location": "US"}
        answer = {"jobReference": name, "jobComplete": True, "schema": SCHEMA, "totalRows": str(total)}
        more = {"pageToken": str(page + 1)} if page + 1 < len(self.pages) else {}
        # whoever only asks whether the job is done is told no row
        return Say(answer if heard.params.get("maxResults") == "0" else {**answer, **more, "rows": rows})


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


@pytest.fixture
def google(publisher: Publisher) -> Google:
    return Google(publisher)


@pytest.fixture
def world(tmp_path: Path, publisher: Publisher) -> OneSource:
    made = OneSource(
        tmp_path, "bigquery_pypi", publisher.url, *named("anvil"), today=datetime(2020, 6, 20, 12, tzinfo=UTC)
    )
    made.access["most_bytes"] = 8_000_000_000
    made.environment = {VARIABLE: str(account(tmp_path, publisher.url))}
    return made


def account(folder: Path, url: str) -> Path:
    """The file of a service account whose tokens are given out on this machine."""
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    path = folder / "account.json"
    fields = {"type": "service_account", "project_id": "smithy", "private_key_id": "1", "private_key": pem}
    path.write_text(json.dumps({**fields, "client_email": "smith@example.org", "token_uri": f"{url}/token"}))
    return path


def only(outcomes: list[RequestOutcome]) -> RequestOutcome:
    (outcome,) = outcomes
    return outcome


@needs_google
def test_a_question_is_estimated_then_asked_within_its_estimate_and_goes_the_whole_way(
    world: OneSource, google: Google
) -> None:
    outcome = only(world.refresh(SPAN))
    assert (outcome.result, outcome.reason) == ("landed", "")
    estimate, query = google.queries
    assert estimate["dryRun"] is True
    assert query["query"]["maximumBytesBilled"] == str(google.estimate)
    parameters = {each["name"]: each["parameterValue"] for each in query["query"]["queryParameters"]}
    assert parameters["start"] == {"value": "2020-02-01"}
    assert parameters["until"] == {"value": "2020-03-01"}
    assert [each["value"] for each in parameters["projects"]["arrayValues"]] == ["anvil", BUSY]
    assert world.load() == [""]
    assert world.rows(LOADED) == GOOD


@needs_google
def test_nothing_of_the_account_is_written_down(world: OneSource, google: Google, tmp_path: Path) -> None:
    only(world.refresh(SPAN))
    assert google.queries
    written = b"".join(path.read_bytes() for path in (tmp_path / "landing").rglob("*") if path.is_file())
    for secret in (b"opened", b"PRIVATE KEY", b"smith@example.org", world.environment[VARIABLE].encode()):
        assert secret not in written
    assert world.events()[0].request["estimated_bytes"] == google.estimate


@needs_google
def test_no_page_is_lost(world: OneSource, google: Google) -> None:
    google.pages = [ROWS[:1], ROWS[1:3], ROWS[3:]]
    only(world.refresh(SPAN))
    assert world.load() == [""]
    assert world.rows(LOADED) == GOOD


@needs_google
def test_fewer_rows_than_the_server_speaks_of_are_no_answer(world: OneSource, google: Google) -> None:
    google.lost_rows = 1
    outcome = only(world.refresh(SPAN))
    assert (outcome.result, outcome.reason) == ("failed", "the server speaks of 5 rows and gave 4")
    assert world.events() == []


@needs_google
def test_a_query_beyond_the_budget_is_not_asked(world: OneSource, google: Google) -> None:
    outcomes = world.refresh((date(2020, 1, 1), date(2020, 3, 1)))
    assert [outcome.result for outcome in outcomes] == ["landed", "failed"]
    assert "which are paid for; 3,000,000,000 are left of the budget of 8,000,000,000" in outcomes[1].reason
    assert [query.get("dryRun", False) for query in google.queries] == [True, False, True]


def refusal(status: int, reason: str) -> Say:
    error = {"message": "no", "reason": reason}
    return Say({"error": {"code": status, "message": f"no: {reason}", "errors": [error]}}, status)


@needs_google
@pytest.mark.parametrize(
    ("reply", "match", "attempts"),
    {
        "may not ask": (refusal(403, "accessDenied"), "accessDenied", 1),
        "not like this": (refusal(400, "invalidQuery"), "invalidQuery", 1),
        "too dear": (refusal(400, "bytesBilledLimitExceeded"), "bytesBilledLimitExceeded", 1),
        "quota spent": (refusal(403, "quotaExceeded"), "quotaExceeded", 1),
        "too fast": (refusal(403, "rateLimitExceeded"), "rateLimitExceeded", 2),
        "429": (refusal(429, "tooMany"), "tooMany", 2),
        "out of order": (refusal(500, "internalError"), "internalError", 2),
        "cut on the wire": (Say({"jobReference": "j1"}, fault="cut"), "", 2),
        "no reply": (Say(fault="hang up"), "no connection", 2),
    }.values(),
)
def test_a_refusal_fails_in_words_and_lands_nothing(
    world: OneSource, publisher: Publisher, google: Google, reply: Say, match: str, attempts: int
) -> None:
    publisher.answers(JOBS, reply)
    outcome = only(world.refresh(SPAN))
    assert outcome.result == "failed"
    assert match in outcome.reason
    assert [heard.path for heard in publisher.heard].count(JOBS) == attempts
    assert world.events() == []
    assert google.queries == []


@needs_google
def test_an_account_that_is_refused_or_unreadable_is_said_so(
    world: OneSource, publisher: Publisher, google: Google, tmp_path: Path
) -> None:
    publisher.answers("/token", Say({"error": "invalid_grant", "error_description": "no such account"}, 400))
    assert "invalid_grant" in only(world.refresh(SPAN)).reason
    world.environment = {VARIABLE: str(tmp_path / "no_such_file.json")}
    outcome = only(world.refresh(SPAN))
    assert outcome.reason == "no readable file of a service account: No such file or directory"
    assert google.queries == []
