"""The catalog: what a wrong entry is told, and what holds of the shipped one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.catalog import FILES, Catalog, load_catalog
from ingest.catalog.entries.sources import Access
from ingest.catalog.loader import OPTIONAL
from ingest.errors import CatalogError
from ingest.sources import load_source, source_names
from tests.ingest.made_up import catalog_files, made_up_catalog, write_catalog

ROOT = Path(__file__).parents[3]
Change = Callable[[dict[str, Any]], object]

REQUIRED = sorted(FILES.keys() - OPTIONAL.keys())


def refusal(folder: Path, change: Change) -> str:
    """What is said of the made-up catalog after `change`, without the lines (`test_every_mistake_names_its_line`)."""
    files = catalog_files()
    change(files)
    with pytest.raises(CatalogError) as caught:
        load_catalog(write_catalog(folder, files))
    return re.sub(r"\.yaml:\d+: ", ".yaml: ", str(caught.value))


def companion(**replaced: str) -> dict[str, str]:
    return {"namespace": "guild", "name": "anvil", "needs": "anvil-small", "reason": "made up", **replaced}


def tool(files: dict[str, Any], number: int = 0) -> dict[str, Any]:
    entry: dict[str, Any] = files["frameworks"]["frameworks"][number]
    return entry


def group(files: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = files["frameworks"]["contenders"][0]
    return entry


WRONG_ENTRIES: dict[str, tuple[Change, str]] = {
    "unknown field": (
        lambda files: tool(files).update(colour="red"),
        "frameworks.yaml: entry 'anvil': field colour: Extra inputs are not permitted; found 'red'",
    ),
    "unknown field deep inside": (
        lambda files: files["sources"][0]["expected"].update(often=True),
        "sources.yaml: entry 'guild_counts': field expected.often: Extra inputs are not permitted; found True",
    ),
    "missing field": (
        lambda files: tool(files).pop("label"),
        "frameworks.yaml: entry 'anvil': field label: Field required; found ",
    ),
    "missing id": (
        lambda files: files["metrics"][0].pop("id"),
        "metrics.yaml: field 0.id: Field required",
    ),
    "an id that cannot be a column": (
        lambda files: files["metrics"][0].update(id="Tools sold"),
        "metrics.yaml: entry 'Tools sold': field id: String should match pattern",
    ),
    "unknown role": (
        lambda files: tool(files).update(role="champion"),
        "entry 'anvil': field role: Input should be 'contender' or 'reference'; found 'champion'",
    ),
    "unknown member role": (
        lambda files: tool(files)["names"]["guild"][1].update(member="copy"),
        "'anvil-small': field member: Input should be 'primary', 'variant', 'nightly' or 'adjacent'; found 'copy'",
    ),
    "empty text": (
        lambda files: files["sources"][0].update(licence="  "),
        "sources.yaml: entry 'guild_counts': field licence: String should have at least 1 character; found '  '",
    ),
    "not a date": (
        lambda files: files["breaks"][0].update(start="in summer"),
        "breaks.yaml: entry 'new_scales': field start: Input should be a valid date",
    ),
    "unknown kind of metric": (
        lambda files: files["metrics"][0].update(kind="score"),
        "entry 'tools_sold': field kind: Input should be 'flow', 'stock', 'share', 'rate' or 'index'; found 'score'",
    ),
    "no caveat": (
        lambda files: files["metrics"][0].update(caveats=[]),
        "entry 'tools_sold': field caveats: Tuple should have at least 1 item",
    ),
    "negative lag": (
        lambda files: files["sources"][0]["expected"].update(lag_days=-1),
        "entry 'guild_counts': field expected.lag_days: Input should be greater than or equal to 0; found -1",
    ),
    "event with empty metrics": (
        lambda files: files["events"][0].update(metrics=[]),
        "events.yaml: entry 'fair': field metrics: Tuple should have at least 1 item",
    ),
    "break without sources": (
        lambda files: files["breaks"][0]["reach"].update(sources=[]),
        "breaks.yaml: entry 'new_scales': field (whole): reach.sources is empty: a break belongs to ",
    ),
    "break that ends before it starts": (
        lambda files: files["breaks"][0].update(end=date(2020, 5, 31)),
        "entry 'new_scales': field (whole): start 2020-06-01 must not lie after end 2020-05-31",
    ),
    "a name valid from the day it ends": (
        lambda files: tool(files)["names"]["guild"][1].update({"from": date(2020, 1, 1), "until": date(2020, 1, 1)}),
        "entry 'anvil-small': field (whole): from 2020-01-01 must lie before until 2020-01-01",
    ),
    "a membership that ends before it starts": (
        lambda files: group(files)["members"][1].update({"from": date(2022, 1, 2)}),
        "entry 'smithy': field members.1: from 2022-01-02 must lie before until 2022-01-01",
    ),
    "a bias that ends before it starts": (
        lambda files: files["sources"][0]["biases"][0].update({"from": date(2021, 1, 1)}),
        "entry 'guild_counts': field biases.0: from 2021-01-01 must lie before until 2020-02-01",
    ),
    "a choice of members where members do not add up": (
        lambda files: files["metrics"][0].update(combine="sum", choices={"members": ["with_variants"]}),
        "metrics.yaml: entry 'tools_sold': field (whole): choices.members needs `combine: primary`, as packages add up",
    ),
    "a choice of window for what is not summed": (
        lambda files: files["metrics"][0].update(kind="share", choices={"window": ["twelve_months"]}),
        "metrics.yaml: entry 'tools_sold': field (whole): choices.window needs `kind: flow`, as only flows are summed",
    ),
    "a choice of totals for what has none": (
        lambda files: files["metrics"][0].update(kind="share", choices={"measure": ["totals"]}),
        "metrics.yaml: entry 'tools_sold': field (whole): choices.measure needs `kind: stock`, as only stocks have",
    ),
    "a way of counting in two dimensions": (
        lambda files: files["metrics"][0].update(choices={"basis": ["counted"], "denominator": ["counted"]}),
        "metrics.yaml: entry 'tools_sold': field (whole): choices: ['counted'] stand in two dimensions; expected once",
    ),
    "a dimension of choices that there is not": (
        lambda files: files["metrics"][0].update(choices={"weather": ["fair"]}),
        "metrics.yaml: entry 'tools_sold': field choices.weather: Extra inputs are not permitted",
    ),
    "survey edition without columns": (
        lambda files: files["surveys"].update(
            guild_counts={"editions": [{"year": 2020, "fieldwork": {"start": "2020-01-01", "end": "2020-02-01"}}]}
        ),
        "surveys.yaml: field guild_counts.editions.0.columns: Field required",
    ),
    "review without focus": (
        lambda files: files["review"].pop("focus"),
        "review.yaml: field focus: Field required",
    ),
    "yes where a number is expected": (
        lambda files: files["sources"][0]["expected"].update(lag_days=True),
        "entry 'guild_counts': field expected.lag_days: is true, as YAML reads yes, no, on and off; expected another",
    ),
    "a name that stands twice in a list": (
        lambda files: files["breaks"][0]["reach"].update(sources=["guild_counts", "guild_counts"]),
        "entry 'new_scales': field reach.sources: 'guild_counts' stands twice; expected once",
    ),
    "orders to a terminal": (
        lambda files: files["sources"][0].update(licence="\x1b[31mred"),
        "field licence: holds a character that a terminal would obey: \\x1b; found '\\x1b[31mred'",
    ),
    "text that runs backwards": (
        lambda files: files["metrics"][0].update(caveats=["fine", "\u202edesrever"]),
        "entry 'tools_sold': field caveats: holds a character that a terminal would obey: \\x202e",
    ),
    "a year that was none": (
        lambda files: files["review"].update(review_year=5),
        "review.yaml: field review_year: Input should be greater than or equal to 1000; found 5",
    ),
    "a list where a mapping is expected": (
        lambda files: files.update(review=[]),
        "review.yaml: field (whole): Input should be a valid dictionary",
    ),
}

FINDING = {"check": "spike", "source": "guild_counts", "start": "2020-01-01", "end": "2020-02-01", "why": "x"}
WRONG_BETWEEN: dict[str, tuple[Change, str]] = {
    "metric of an unknown source": (
        lambda files: files["metrics"][0]["sources"][0].update(source="gild"),
        "metrics.yaml: entry 'tools_sold': field sources: 'gild' is not known; expected one of ['guild_counts']",
    ),
    "a choice that is no way of counting the metric": (
        lambda files: files["metrics"][0].update(choices={"basis": ["weighed"]}),
        "metrics.yaml: entry 'tools_sold': field choices.basis: 'weighed' is not known; expected one of ['counted']",
    ),
    "a choice that is never preferred": (
        lambda files: files["metrics"][0].update(choices={"basis": ["guessed"]}),
        "metrics.yaml: entry 'tools_sold': field choices.basis: 'guessed' is not known; expected one of ['counted']",
    ),
    "break of an unknown source": (
        lambda files: files["breaks"][0]["reach"].update(sources=["gild"]),
        "breaks.yaml: entry 'new_scales': field reach.sources: 'gild' is not known; expected one of ['guild_counts']",
    ),
    "break of an unknown metric": (
        lambda files: files["breaks"][0]["reach"].update(metrics=["sold"]),
        "breaks.yaml: entry 'new_scales': field reach.metrics: 'sold' is not known; expected one of ['tools_sold']",
    ),
    "break of an unknown entity": (
        lambda files: files["breaks"][0]["reach"].update(entities=["tongs"]),
        "breaks.yaml: entry 'new_scales': field reach.entities: 'tongs' is not known; expected one of ['anvil', ",
    ),
    "event of an unknown metric": (
        lambda files: files["events"][0].update(metrics=["sold"]),
        "events.yaml: entry 'fair': field metrics: 'sold' is not known; expected one of ['tools_sold']",
    ),
    "survey of an unknown source": (
        lambda files: files["surveys"].update(
            poll={
                "editions": [
                    {
                        "year": 2020,
                        "fieldwork": {"start": "2020-01-01", "end": "2020-02-01"},
                        "file": "f",
                        "columns": {"country": "c", "role": "r", "choices": "q"},
                    }
                ]
            }
        ),
        "surveys.yaml: entry 'poll': field (key): 'poll' is not known; expected one of ['guild_counts']",
    ),
    "focus that is no contender": (
        lambda files: files["review"].update(focus="anvil"),
        "review.yaml: entry 'review': field focus: 'anvil' is not known; expected one of ['bellows', 'smithy']",
    ),
    "benchmark that is a reference": (
        lambda files: files["review"].update(benchmark="yardstick"),
        "review.yaml: entry 'review': field benchmark: 'yardstick' is not known; expected one of ['bellows', 'smithy']",
    ),
    "membership only at the framework": (
        lambda files: tool(files, 2).update(contender="smithy"),
        "frameworks.yaml: entry 'bellows': field contender: membership in 'smithy' must stand both at the framework",
    ),
    "membership only at the contender": (
        lambda files: tool(files, 1).pop("contender"),
        "frameworks.yaml: entry 'hammer': field contender: membership in 'smithy' must stand both at the framework",
    ),
    "unknown contender": (
        lambda files: tool(files, 2).update(contender="forge"),
        "frameworks.yaml: entry 'bellows': field contender: membership in 'forge' must stand both",
    ),
    "member that is no framework": (
        lambda files: group(files)["members"].append({"framework": "tongs", "reason": "x"}),
        "frameworks.yaml: entry 'tongs': field contender: membership in 'smithy' must stand both",
    ),
    "represented by a stranger": (
        lambda files: group(files).update(represented_by="bellows"),
        "frameworks.yaml: entry 'smithy': field represented_by: 'bellows' is not one of its members ['anvil', ",
    ),
    "name claimed by two": (
        lambda files: tool(files, 2)["names"]["guild"].append({"name": "hammer", "member": "variant"}),
        "entry 'bellows': field names.guild: 'hammer' is claimed 2 times, by hammer, bellows; expected once",
    ),
    "former name claimed by another": (
        lambda files: tool(files, 2)["names"]["guild"].append({"name": "amboss", "member": "variant"}),
        "entry 'bellows': field names.guild: 'amboss' is claimed 2 times, by anvil, bellows; expected once",
    ),
    "name claimed by a market": (
        lambda files: tool(files, 2)["names"]["guild"].append({"name": "__all__", "member": "variant"}),
        "field names.guild: '__all__' is claimed 2 times, by bellows, all_tools; expected once",
    ),
    "two primary names": (
        lambda files: tool(files)["names"]["guild"][1].update(member="primary"),
        "frameworks.yaml: entry 'anvil': field names.guild: 2 primary names; expected at most one",
    ),
    "a companion in a list that the framework has no names in": (
        lambda files: tool(files).update(companions=[companion(namespace="gild")]),
        "frameworks.yaml: entry 'anvil': field companions.namespace: 'gild' is not known; expected one of ['guild']",
    ),
    "a companion that is not a name of the framework": (
        lambda files: tool(files).update(companions=[companion(needs="hammer")]),
        "frameworks.yaml: entry 'anvil': field companions.needs: 'hammer' is not known",
    ),
    "two companions of one package": (
        lambda files: tool(files).update(companions=[companion(), companion(reason="again")]),
        "frameworks.yaml: companion: 'guild anvil' occurs 2 times; expected once",
    ),
    "the same framework twice": (
        lambda files: tool(files, 3).update(id="bellows"),
        "frameworks.yaml: framework: 'bellows' occurs 2 times; expected once",
    ),
    "a contender named as a framework that is its own": (
        lambda files: tool(files, 2).update(id="smithy"),
        "frameworks.yaml: contender: 'smithy' occurs 2 times; expected once",
    ),
    "the same source twice": (
        lambda files: files["sources"].append(files["sources"][0]),
        "sources.yaml: 'guild_counts' occurs 2 times; expected once",
    ),
    "the same way of counting twice": (
        lambda files: files["metrics"][0]["sources"].append(files["metrics"][0]["sources"][0]),
        "metrics.yaml: entry 'tools_sold': source/basis: 'guild_counts/",
    ),
    "the same finding twice": (
        lambda files: files.update(register=[FINDING, {**FINDING, "why": "again"}]),
        "register.yaml: finding: 'spike guild_counts 2020-01-01 2020-02-01' occurs 2 times; expected once",
    ),
    "the same exclusion twice": (
        lambda files: files["baseline_exclusions"].append(files["baseline_exclusions"][0]),
        "baseline_exclusions.yaml: 'nails' occurs 2 times; expected once",
    ),
}


@pytest.mark.parametrize(("change", "message"), WRONG_ENTRIES.values(), ids=WRONG_ENTRIES)
def test_a_wrong_entry_is_told_by_file_entry_field_and_expectation(
    tmp_path: Path, change: Change, message: str
) -> None:
    assert message in refusal(tmp_path, change)


@pytest.mark.parametrize(("change", "message"), WRONG_BETWEEN.values(), ids=WRONG_BETWEEN)
def test_entries_that_do_not_fit_together_are_told(tmp_path: Path, change: Change, message: str) -> None:
    assert message in refusal(tmp_path, change)


MEANINGLESS: dict[str, Change] = {
    "event of an unknown entity": lambda files: files["events"][0].update(entities=["tongs"]),
    "break of an unknown basis": lambda files: files["breaks"][0]["reach"].update(bases=["weighed"]),
    "bias of an unknown basis": lambda files: files["sources"][0]["biases"][0].update(bases=["weighed"]),
    "source of a list of names that nobody has": lambda files: files["sources"][0].update(names="gild"),
    "event that ends before it starts": lambda files: files["events"][0].update(end=date(2020, 7, 1)),
    "event whose lag runs backwards": lambda files: files["events"][0].update(lag_months=[2, 1]),
    "never held, from after until": lambda files: files["sources"][0]["expected"].update(
        never=[{"from": date(2020, 3, 1), "until": date(2020, 2, 1), "reason": "x"}]
    ),
    "expected, first after last": lambda files: files["sources"][0]["expected"].update(last=date(2019, 1, 1)),
    "a key that stands twice": lambda files: files.update(
        review="review_year: 2020\nfocus: bellows\nfocus: smithy\nbenchmark: bellows\n"
    ),
}


@pytest.mark.parametrize("change", MEANINGLESS.values(), ids=MEANINGLESS)
def test_entries_that_mean_nothing_are_refused(tmp_path: Path, change: Change) -> None:
    assert refusal(tmp_path, change)


@pytest.mark.parametrize(
    "change",
    [
        lambda files: files["review"].update(focus="x" * 100_000),
        lambda files: files["review"].update({"x" * 100_000: 1}),
        lambda files: files["metrics"][0].update(id="x" * 100_000),
        lambda files: files["metrics"][0].update(caveats=["x" * 100_000, 5]),
        lambda files: files.update(surveys={"x" * 100_000: {}}),
        lambda files: files["metrics"][0].update(channel="x" * 100_000),
    ],
)
def test_what_is_said_of_a_mistake_is_short(tmp_path: Path, change: Change) -> None:
    lines = refusal(tmp_path, change).splitlines()
    assert max(map(len, lines)) < 1_500


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    def change(files: dict[str, Any]) -> None:
        tool(files).update(colour="red", role="champion")
        tool(files, 1).pop("label")

    lines = refusal(tmp_path, change).splitlines()
    assert [line.split(":")[1:3] for line in lines] == [
        [" entry 'anvil'", " field role"],
        [" entry 'anvil'", " field colour"],
        [" entry 'hammer'", " field label"],
    ]


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    message = refusal(tmp_path, lambda files: files.pop(name))
    assert message == f"{name}.yaml: the file is missing in {tmp_path}"


@pytest.mark.parametrize("name", REQUIRED)
def test_an_empty_file_is_not_taken_for_an_empty_list(tmp_path: Path, name: str) -> None:
    message = refusal(tmp_path, lambda files: files.update({name: ""}))
    assert re.match(rf"{name}\.yaml: field \(whole\): Input should be a valid \w+.*; found None$", message)


def test_a_syntax_error_is_told_by_file_and_line(tmp_path: Path) -> None:
    files = {**catalog_files(), "review": "review_year: 2020\nfocus: [smithy\nbenchmark: x\n"}
    with pytest.raises(CatalogError, match=r"^review\.yaml:3: not readable as YAML: "):
        load_catalog(write_catalog(tmp_path, files))


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    write_catalog(tmp_path, catalog_files())
    (tmp_path / "events.yaml").write_bytes("- label: Müller".encode("latin-1"))
    with pytest.raises(CatalogError, match=r"^events\.yaml: not readable as YAML: .*position 10"):
        load_catalog(tmp_path)


def test_the_made_up_field_is_valid() -> None:
    catalog = made_up_catalog()
    assert catalog.names("guild") == {"anvil", "amboss", "anvil-small", "hammer", "bellows", "__all__"}
    assert catalog.names("nothing") == frozenset()
    assert [(entry.id, entry.represented_by) for entry in catalog.all_contenders()] == [
        ("smithy", "anvil"),
        ("bellows", "bellows"),
    ]
    assert catalog.source("guild_counts").label == "Counts of the guild"


def test_another_field_needs_only_two_tools(tmp_path: Path) -> None:
    files = catalog_files()
    files["frameworks"] = {
        "frameworks": [
            {"id": "loom", "label": "Loom", "role": "contender", "names": {"guild": [_primary("loom")]}},
            {"id": "wheel", "label": "Spinning wheel", "role": "contender", "names": {"guild": [_primary("wheel")]}},
        ]
    }
    files |= {"breaks": [], "events": [], "baseline_exclusions": []}
    files["review"] = {"review_year": 1789, "focus": "loom", "benchmark": "wheel"}
    catalog = load_catalog(write_catalog(tmp_path, files))
    assert [entry.id for entry in catalog.all_contenders()] == ["loom", "wheel"]
    assert catalog.names("guild") == {"loom", "wheel"}


def _primary(name: str) -> dict[str, str]:
    return {"name": name, "member": "primary"}


# --- the shipped catalog ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return load_catalog(ROOT / "ingest" / "catalog")


def test_the_frameworks_of_the_design_are_there(shipped: Catalog) -> None:
    contenders = {entry.id for entry in shipped.frameworks if entry.role == "contender"}
    assert contenders == {
        *("tensorflow", "keras", "pytorch", "jax", "mxnet", "paddlepaddle"),
        *("mindspore", "chainer", "theano", "cntk", "caffe", "fastai"),
    }
    assert {entry.id for entry in shipped.contenders} == {"tf_keras"}
    assert "scikit_learn" in {entry.id for entry in shipped.frameworks if entry.role == "reference"}


def test_the_review_is_of_the_year_that_was_asked_about(shipped: Catalog) -> None:
    assert (shipped.review.review_year, shipped.review.focus, shipped.review.benchmark) == (2020, "tf_keras", "pytorch")


def test_every_entry_of_a_source_has_its_module_and_the_other_way_round(shipped: Catalog) -> None:
    assert sorted(entry.id for entry in shipped.sources) == source_names()
    for name in source_names():
        assert load_source(name).name == name


def test_every_source_serves_a_metric(shipped: Catalog) -> None:
    assert {pair.source for metric in shipped.metrics for pair in metric.sources} == {
        entry.id for entry in shipped.sources
    }


def test_a_renamed_repository_is_known_under_both_names(shipped: Catalog) -> None:
    assert {"jax-ml/jax", "google/jax"} <= shipped.names("github")
    (jax,) = {entry.entity_id for entry in shipped.spellings() if entry.spelling in {"jax-ml/jax", "google/jax"}}
    assert jax == "jax"


def test_no_framework_has_its_name_in_the_code_of_this_room(shipped: Catalog) -> None:
    named = [entry for entry in shipped.frameworks if entry.role == "contender"]
    words = {entry.id for entry in named} | {entry.label.lower() for entry in named}
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, sorted(words)))})\b", re.IGNORECASE)
    sources = sorted((ROOT / "ingest").rglob("*.py"))
    assert len(sources) > 10
    assert {path.name: pattern.findall(path.read_text(encoding="utf-8")) for path in sources} == {
        path.name: [] for path in sources
    }


WORDS: list[tuple[Change, str, str]] = [
    (
        lambda files: files["metrics"][0].update(channel="slaes"),
        "metrics.yaml",
        "entry 'tools_sold': field channel: 'slaes' is not known; expected one of ['sales']; did you mean sales?",
    ),
    (
        lambda files: files["metrics"][0].update(unit="tool"),
        "metrics.yaml",
        "entry 'tools_sold': field unit: 'tool' is not known; expected one of ['tools']; did you mean tools?",
    ),
    (
        lambda files: files["sources"][0].update(names="gild"),
        "sources.yaml",
        "entry 'guild_counts': field names: 'gild' is not known; expected one of ['guild']; did you mean guild?",
    ),
    (
        lambda files: tool(files)["names"].update(gild=[{"name": "anvil", "member": "primary"}]),
        "frameworks.yaml",
        "entry 'anvil': field names: 'gild' is not known; expected one of ['guild']; did you mean guild?",
    ),
    (
        lambda files: files["breaks"][0]["reach"].update(bases=["weighed"]),
        "breaks.yaml",
        "entry 'new_scales': field reach.bases: 'weighed' is not known; expected one of ['counted', 'guessed']",
    ),
    (
        lambda files: files["sources"][0]["biases"][0].update(bases=["count"]),
        "sources.yaml",
        "entry 'guild_counts': field biases.bases: 'count' is not known; expected one of ['counted', 'guessed']",
    ),
]


@pytest.mark.parametrize(("change", "file", "text"), WORDS, ids=[text[:40] for _, _, text in WORDS])
def test_every_word_is_declared_and_every_mistake_names_its_line(
    tmp_path: Path, change: Change, file: str, text: str
) -> None:
    files = catalog_files()
    change(files)
    with pytest.raises(CatalogError) as caught:
        load_catalog(write_catalog(tmp_path, files))
    place, _, rest = str(caught.value).partition(": ")
    assert text in rest
    name, _, line = place.partition(":")
    assert name == file
    wrong = text.partition(" is not known")[0].rpartition("'")[0].rpartition("'")[2]
    assert wrong in (tmp_path / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_a_basis_of_another_source_reaches_nothing(tmp_path: Path) -> None:
    def change(files: dict[str, Any]) -> None:
        other = {**files["sources"][0], "id": "market_counts", "biases": []}
        files["sources"].append(other)
        files["metrics"][0]["sources"].append({"source": "market_counts", "basis": "weighed"})
        files["breaks"][0]["reach"]["bases"] = ["weighed"]

    assert "field reach.bases: 'weighed' is not known; expected one of ['counted', 'guessed']" in refusal(
        tmp_path, change
    )


def test_mistakes_of_all_files_are_listed_at_once(tmp_path: Path) -> None:
    def change(files: dict[str, Any]) -> None:
        del files["metrics"][0]["label"]
        del files["breaks"][0]["reason"]

    text = refusal(tmp_path, change)
    assert "metrics.yaml: entry 'tools_sold': field label: Field required" in text
    assert "breaks.yaml: entry 'new_scales': field reason: Field required" in text


def test_a_source_must_say_its_grade(tmp_path: Path) -> None:
    message = refusal(tmp_path, lambda files: files["sources"][0].pop("grade"))
    assert "sources.yaml: entry 'guild_counts': field grade: Field required" in message


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("0 25 * * *", "'25' is not a hour; expected * or numbers from 0 to 23"),
        ("0 3 * *", "a cron line has 5 fields (minute, hour, day, month, weekday); found 4"),
        ("5-1 3 * * *", "'5-1' is not a minute"),
        ("0 3 * JAN *", "'JAN' is not a month"),
        ("*/0 3 * * *", "'*/0' is not a minute"),
        ("0 3 0 * *", "'0' is not a day"),
    ],
)
def test_a_schedule_is_a_cron_line(tmp_path: Path, line: str, text: str) -> None:
    def change(files: dict[str, Any]) -> None:
        files["sources"][0]["access"] = {"urls": ["https://guild.invalid"], "schedule": line}

    assert text in refusal(tmp_path, change)


@pytest.mark.parametrize("line", ["0 3 * * *", "*/15 0-6 1,15 * 1-5/2", "59 23 31 12 7"])
def test_cron_lines_that_are_valid(line: str) -> None:
    access = Access.model_validate({"urls": ["https://guild.invalid"], "schedule": line})
    assert access.schedule == line


def test_nothing_is_accepted_where_the_register_is_missing_or_empty(tmp_path: Path) -> None:
    assert load_catalog(write_catalog(tmp_path, catalog_files())).register == ()
    (tmp_path / "register.yaml").write_text("# nothing yet")
    assert load_catalog(tmp_path).register == ()


def test_an_entry_of_the_register_names_what_the_catalog_has(tmp_path: Path) -> None:
    entry = {"check": "common_jump", "source": "guild", "start": "2020-01-01", "end": "2020-02-01", "why": "a fair"}
    message = refusal(tmp_path, lambda files: files.update(register=[entry]))
    assert "register.yaml" in message
    assert "'guild'" in message


def test_a_finding_is_of_a_check_that_there_is(tmp_path: Path) -> None:
    message = refusal(tmp_path, lambda files: files.update(register=[{**FINDING, "check": "spik"}]))
    assert "register.yaml" in message
    assert message.endswith("did you mean spike?")


@pytest.mark.parametrize(
    ("controls", "name"),
    [
        ({"until": {"gild": "2020-01-01"}}, "gild"),
        ({"totals": {"guild_counts": {"tools_sold/countd/anvil": "2020 12 1"}}}, "tools_sold/countd"),
        ({"anchors": {"guild_counts": {"tools_sold/counted/anvli": "2020-01-01 1"}}}, "anvli"),
    ],
)
def test_a_control_is_of_a_series_that_the_catalog_has(
    tmp_path: Path, controls: dict[str, dict[str, Any]], name: str
) -> None:
    text = refusal(tmp_path, lambda files: files.update(controls=controls))
    assert "controls.yaml" in text
    assert f"'{name}' is not known" in text
