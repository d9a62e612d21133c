"""Mutations of valid tables, replies, sidecars, catalog files and commands: none ends in a trace, no row is lost.

Belongs here: what must hold of any input, however it was damaged. Does not belong here: single faults with their words
(the tests of each parser). Counts are printed: 300 mutations each with SOAK=1 (`make soak`), else a tenth.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from random import Random

import duckdb
import pytest
import yaml
from click.testing import CliRunner

from adoption.cli.main import main
from ingest.catalog import load_catalog
from ingest.catalog.loader import FILES
from ingest.errors import AdoptionError, CatalogError, LandingError
from ingest.inbox import try_file
from ingest.landing import Landing, digest, event_from_json, event_to_json
from ingest.loader import load_extracts
from ingest.model import Fetch, Scope
from ingest.raw_tables import prepare
from ingest.sources import all_sources
from tests.faults.mutations import VALUES, changed_somewhere, damaged, of_bytes, of_json, say
from tests.faults.soak import times
from tests.ingest.one_source import shipped_catalog
from tests.ingest.publisher import Heard, Publisher, Say, Script, publishing
from tests.ingest.sources.test_every_connector import CASES, Case

pytestmark = [pytest.mark.slow, pytest.mark.soak]
EXTRACTS = Path(__file__).parents[2] / "ingest" / "extracts"
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
EACH = times(300)
MADE: Mapping[tuple[str, str], str] = {
    ("arxiv", "counts"): "PyTorch,2020-02-01,2020-03-01,100",
    ("meta_kaggle", "counts"): "PyTorch,2020-02-01,2020-03-01,100",
    ("google_scholar", "counts"): "PyTorch,2020-01-01,2021-01-01,100",
    ("openalex", "counts"): "PyTorch,2020-01-01,2021-01-01,100",
    ("semantic_scholar", "counts"): "PyTorch,2020-01-01,2021-01-01,100",
    ("stack_exchange", "counts"): "pytorch,2020-02-01,2020-03-01,100",
    ("linkedin", "counts"): "PyTorch,2020-12-31,2021-01-01,3100",
    ("colab", "counts"): "PyTorch,2020-02-01,2020-03-01,100,900",
    ("bigquery_pypi", "months"): "torch,2020-02-01,pip,marked,10,29,8",
    ("bigquery_pypi", "population"): "torch,2020-02-01,10,29,,29,100,29",
    ("clickpy", "population"): "torch,2020-02-01,1000,10|29,7|9,,29|31,12,",
    ("clickpy", "downloads"): "torch,2020-02-01,pip,10,29",
    ("conda", "months"): "pytorch,conda-forge,2020-02-01,10",
    ("gharchive", "months"): "pytorch/pytorch,65600975,2020-02-01,10,90",
    ("github", "snapshots"): "2026-11-20,pytorch/pytorch,65600975,pytorch/pytorch,1,2,3",
    ("github_stargazers", "months"): "pytorch/pytorch,65600975,2020-02-01,10",
    ("hacker_news", "posts"): "2020-02-01,7,PyTorch|JAX,PyTorch,true,4",
    ("npm", "months"): "onnxruntime-web,2020-02-01,10,29",
    ("hugging_face", "months"): "pytorch,2026-02-01,10",
    ("dependents", "counts"): "pytorch/pytorch,2020-12-31,2021-01-01,10",
    ("pypistats", "days"): "torch,2026-11-20,with_mirrors,10",
    ("stackoverflow_survey", "option_sets"): "2016,X,Y,A|B,3",
    ("kaggle_survey", "options"): "2016,1,Other,Which?",
    ("kaggle_survey", "option_sets"): "2016,X,Y,1|2,3",
    ("raw_log", "months"): "torch,2020-02-01,pip_only,29,10,29",
    ("raw_log", "population"): "torch,2020-02-01,10,29,,29,100,29",
}
"""A row of each table of which nothing small is shipped."""
SURPRISE = "could not be read: unexpected"
"""How a sentence about an error that was not raised on purpose goes (`ingest.surprises`)."""
TABLES = [(name, table) for name, source in all_sources().items() for table in source.tables]


@cache
def sample(name: str, table: str) -> bytes:
    """A small valid file of one table."""
    columns = list(all_sources()[name].tables[table].model_fields)
    if (name, table) in MADE:
        return f"{','.join(columns)}\n{MADE[name, table]}\n".encode()
    for path in sorted((EXTRACTS / name).glob("*.csv")):
        lines = path.read_text(encoding="utf-8").splitlines()
        if sorted(lines[0].split(",")) == sorted(columns):
            return ("\n".join(lines if len(lines) < 40 else lines[:6]) + "\n").encode()
    raise AssertionError(f"no sample of {name}.{table}")


class Store:
    """A landing and a warehouse that every table is loaded into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.landing = Landing(folder / "landing", folder / "shipped")
        self.connection = duckdb.connect()
        prepare(self.connection, all_sources().values())

    def load(self, name: str, table: str, data: bytes) -> tuple[str, int, int, int, str]:
        """Ship these bytes as the only extract of a source, and load them."""
        shipped = self.landing.shipped / name
        shipped.mkdir(parents=True, exist_ok=True)
        scope = Scope(table, date(2016, 1, 1), date(2026, 11, 29))
        fetch = Fetch(name, scope, "x.csv", digest(data), NOW, "none stated")
        (shipped / "x.csv").write_bytes(data)
        (shipped / "x.csv.fetch.json").write_text(event_to_json(fetch), encoding="utf-8")
        source = all_sources()[name]
        load_extracts(self.connection, self.landing, source, shipped_catalog())
        columns = "status, rows_in, rows_loaded, rows_rejected, coalesce(error, '')"
        query = f"select {columns} from raw.extracts where source_id = ?"
        (loaded,) = self.connection.execute(query, [name]).fetchall()
        return (str(loaded[0]), int(loaded[1]), int(loaded[2]), int(loaded[3]), str(loaded[4]))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_every_table_is_loaded_refused_or_reconciled(store: Store, name: str, table: str) -> None:
    assert store.load(name, table, sample(name, table))[0] == "loaded", store.load(name, table, sample(name, table))
    outcomes: Counter[str] = Counter()
    for seed in range(EACH):
        random = Random(f"{name}/{table}/{seed}")
        data = damaged(sample(name, table), random)
        status, rows_in, loaded, rejected, error = store.load(name, table, data)
        assert rows_in == loaded + rejected, (seed, data)
        assert SURPRISE not in error, (seed, data, error)
        assert len(error) < 3_000
        trial = _tried(store.folder, name, data)
        assert not any(SURPRISE in problem for problem in trial), (seed, data, trial)
        assert all(len(problem) < 2_000 for problem in trial)
        # what the inbox takes is loaded whole, and what is refused there does not speak when it is shipped
        if rows_in:
            assert (status == "loaded" and not rejected) == (not trial), (seed, data, trial, status, error)
        outcomes[status if not rejected else "rejected"] += 1
    say(f"\n{name}.{table}: {EACH} mutations: {dict(outcomes)}")


def _tried(folder: Path, name: str, data: bytes) -> tuple[str, ...]:
    path = folder / "dropped.csv"
    path.write_bytes(data)
    return try_file(path, all_sources()[name], shipped_catalog(), NOW).problems


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_connector_lands_or_says_why_not(case: Case, tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(EACH):
        random = Random(f"{case.source}/{seed}")
        with publishing() as publisher:
            _answer_damaged(case, publisher, random)
            world = case.world(tmp_path / str(seed), publisher)
            refreshed = world.refresh(case.window)
            assert all(len(outcome.reason) < 3_000 for outcome in refreshed)
            outcomes.update(outcome.result for outcome in refreshed)
            errors = world.load()
            messages = [*errors, *(outcome.reason for outcome in refreshed)]
            assert not any(SURPRISE in message for message in messages), (seed, messages)
            query = "select count(*) from raw.extracts where rows_in <> rows_loaded + rows_rejected"
            assert world.rows(query) == [(0,)]
    say(f"\n{case.source}: {EACH} damaged answers: {dict(outcomes)}")


def _answer_damaged(case: Case, publisher: Publisher, random: Random) -> None:
    """Answer as the case does, each reply damaged in one place, its headers too at times."""

    def answer(script: Script, heard: Heard) -> Say:
        good = script if isinstance(script, Say) else script(heard)
        headers = dict(good.headers)
        if random.random() < 0.1:
            odd_headers = {"Retry-After": "²", "ETag": "\x7f", "X-RateLimit-Reset": "9" * 50, "Content-Type": "x"}
            headers |= dict([random.choice(list(odd_headers.items()))])
        status = random.choice((200, 200, 200, 200, 200, 200, 429, 503, 418, 521))
        return replace(good, body=damaged(good.data, random), status=status, headers=headers)

    for path, script in case.answers.items():
        publisher.answers(path, partial(answer, script))


def test_every_sidecar_is_read_or_refused_by_name() -> None:
    sidecars = sorted(EXTRACTS.glob("*/*.fetch.json"))
    outcomes: Counter[str] = Counter()
    for seed in range(EACH * 10):
        random = Random(seed)
        path = random.choice(sidecars)
        data = (of_json if seed % 3 else of_bytes)(path.read_bytes(), random)
        message = _message_of(data, path.name)
        assert not message or path.name in message
        assert len(message) < 1_000
        outcomes["refused" if message else "read"] += 1
    say(f"\nsidecars: {EACH * 10} mutations: {dict(outcomes)}")


def _message_of(sidecar: bytes, name: str) -> str:
    """Why a sidecar is refused, empty where it is not."""
    try:
        event_to_json(event_from_json(sidecar, name))
    except LandingError as error:
        return str(error)
    return ""


def test_a_damaged_sidecar_stops_its_source_and_no_other(store: Store) -> None:
    for seed in range(EACH):
        random = Random(f"one of two {seed}")
        store.load("linkedin", "counts", sample("linkedin", "counts"))
        sidecar = store.landing.shipped / "linkedin" / "x.csv.fetch.json"
        sidecar.write_bytes((of_json if seed % 3 else of_bytes)(sidecar.read_bytes(), random))
        with suppress(LandingError):
            load_extracts(store.connection, store.landing, all_sources()["linkedin"], shipped_catalog())
        assert store.load("arxiv", "counts", sample("arxiv", "counts"))[0] == "loaded"
    say(f"\nsidecars beside others: {EACH} mutations")


@cache
def catalog_texts() -> dict[str, str]:
    folder = Path(__file__).parents[2] / "ingest" / "catalog"
    return {name: (folder / f"{name}.yaml").read_text(encoding="utf-8") for name in FILES}


@pytest.mark.parametrize("file", FILES)
def test_every_catalog_file_is_valid_or_refused_by_name(file: str, tmp_path: Path) -> None:
    for name, text in catalog_texts().items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    document = yaml.load(catalog_texts()[file], Loader=yaml.CSafeLoader)
    outcomes: Counter[str] = Counter()
    for seed in range(EACH):
        random = Random(f"{file}/{seed}")
        if seed % 4:
            # written in Python: the dumper in C cannot write what no encoding has
            text = yaml.dump(changed_somewhere(document, random), Dumper=yaml.SafeDumper)
        else:
            text = of_bytes(catalog_texts()[file].encode(), random).decode("utf-8", "replace")
        (tmp_path / f"{file}.yaml").write_text(text, encoding="utf-8", errors="replace")
        message = _message_of_catalog(tmp_path)
        assert not message or ".yaml" in message
        outcomes["refused" if message else "valid"] += 1
    say(f"\n{file}.yaml: {EACH} mutations: {dict(outcomes)}")


def _message_of_catalog(folder: Path) -> str:
    """Why a catalog is refused, empty where it is not."""
    try:
        load_catalog(folder)
    except CatalogError as error:
        return str(error)
    return ""


COMMANDS = [
    ["inbox", "check", "FILE"],
    ["inbox", "check", "FILE", "--source", "linkedin"],
    ["inbox", "retract", "linkedin-ff2ce42890f4", "--reason", "typed wrongly", "--dry-run"],
    ["refresh", "--plan", "arxiv", "--from", "2020", "--to", "2020-03"],
    ["status"],
    ["review", "2020"],
    ["claims", "--windows"],
]


def test_every_command_ends_in_a_sentence(tmp_path: Path) -> None:
    outcomes: Counter[int] = Counter()
    for seed in range(EACH):
        random = Random(f"command {seed}")
        file = tmp_path / "dropped.csv"
        file.write_bytes(damaged(sample("linkedin", "counts"), random))
        words = [str(file) if word == "FILE" else word for word in random.choice(COMMANDS)]
        place = random.randrange(1, len(words) + 1)
        words[place : place + random.randrange(2)] = [
            str(random.choice(VALUES)).replace("\x00", "").encode("utf-8", "replace").decode()
        ] * random.randrange(3)
        result = CliRunner().invoke(main, ["--data", str(tmp_path / "data"), *words])
        known = (SystemExit, type(None), AdoptionError)
        assert isinstance(result.exception, known), (words, result.exception)
        assert "Traceback" not in result.output
        outcomes[result.exit_code] += 1
    say(f"\ncommands: {EACH} mutations by exit code: {dict(outcomes)}")


def test_a_json_mutation_is_one_of_structure() -> None:
    event = {"a": [1, {"b": 2}]}
    made = {json.dumps(changed_somewhere(event, Random(seed))) for seed in range(50)}
    assert len(made) > 20
