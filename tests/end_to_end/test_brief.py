"""The brief of the shipped extracts: what it must say, and that every sentence is true to its row.

Belongs here: what the brief, robustness, momentum and crossovers say. Does not belong here: whether a figure of a year
is right (test_figures).
"""

from __future__ import annotations

import re
from datetime import date
from itertools import groupby

import duckdb
import pytest

from adoption.reports.brief import show
from adoption.reports.names import UnknownContenderError
from adoption.reports.review import UnknownYearError
from adoption.reports.sentences import worded
from adoption.reports.sentences.leads import ANOTHER_WAY
from adoption.settings import Settings
from ingest.database import fetch_dicts
from tests.end_to_end.asking import Row, find, one

DuckDB = duckdb.DuckDBPyConnection
SUPERLATIVE = re.compile(
    r"\b(?:(?<!at )most|best|worst|ever|record|undisputed|(?!least\b|interest\b)\w{3,}est)\b", re.IGNORECASE
)


@pytest.fixture(scope="module")
def lines(published: DuckDB) -> list[Row]:
    """Every line of every brief that is held, and of a pair that is not, in words."""
    held = fetch_dicts(published, "from marts.rpt_brief order by year, entity_id, against_entity_id, line_number")
    return worded([*held, *fetch_dicts(published, "from brief('pytorch', 'jax') order by year, line_number")])


def of(lines: list[Row], year: int, entity: str, against: str) -> dict[str, Row]:
    """The lines of one brief by metric, else by channel, else `headline`."""
    page = [
        row for row in lines if (row["year"], row["entity_id"], row["against_entity_id"]) == (year, entity, against)
    ]
    return {row["metric_id"] or row["channel"] or "headline": row for row in page}


NUMBER = re.compile(r"(?<![\w.,])[-+]?\d[\d,]*(?:\.\d+)?")
QUOTED = ("metric_label", "entity_label", "against_label", "source_label", "lead_source_label", "own_source_label",
          "basis", "lead_basis", "own_basis", "unit", "not_comparable_reason", "no_data_reason", "grade_reason",
          "source_grade_reason", "channel", "part_name", "growth_metric_label")  # fmt: skip
"""Texts of a row that its sentence quotes, with whatever numbers stand in them."""
LISTED = ("metrics_of", "metrics_led", "metrics_trailed", "metrics_undecided", "direction_exceptions",
          "direction_inconclusive", "lead_exceptions", "lead_inconclusive", "channels_not_measured")  # fmt: skip

FOLDS = ("change", "change_low", "yoy_common_pct", "yoy_common_low", "yoy_at_least_pct")
"""Growths in percent, of which great ones are told as multiples."""


def numbers_of(row: Row) -> list[float]:
    """Every number that a sentence may make of a row: its own, counts of its lists, ratios told from the other side."""
    own = [float(value) for value in row.values() if isinstance(value, int | float) and not isinstance(value, bool)]
    counts = [float(len(value)) for value in row.values() if isinstance(value, list)]
    months = [float(month) for month in row["lead_month_numbers"] or ()]
    turned = [1 / row[name] for name in ("ratio_low", "ratio_high", "prior_ratio_low", "prior_ratio_high") if row[name]]
    answers = (row["direction_agreeing"] or 0) + len(row["direction_exceptions"] or ())
    led = (row["lead_agreeing"] or 0) + len(row["lead_exceptions"] or ())
    channels = (row["channels_measured"] or 0) + len(row["channels_not_measured"] or ())
    parts = [(row["parts_compared"] or 0) - (row["parts_up"] or 0) - (row["parts_down"] or 0)]
    parts += [(row["lead_parts"] or 0) - (row["parts_led"] or 0) - (row["parts_trailed"] or 0)]
    members = [change for change in row["member_changes"] or () if change is not None]
    folds = [1 + row[name] / 100 for name in FOLDS if row[name] is not None]
    return [*own, *counts, *months, *turned, *members, *folds, row["year"] - 1, answers, led, channels, *parts]


def own_words(row: Row) -> str:
    """A sentence without the texts of its row that it quotes."""
    text = str(row["sentence"])
    quoted = [row[name] for name in QUOTED] + [name_of for name in LISTED for name_of in row[name] or ()]
    for quote in sorted({str(text) for text in quoted if text}, key=len, reverse=True):
        for part in {quote, quote.replace("_", " "), *quote.split("; "), *quote.replace("_", " ").split(" by ")}:
            text = text.replace(part, " ")
    return re.sub(r"\d{4}-\d\d-\d\d", " ", text)


def foreign_numbers(row: Row) -> list[str]:
    """The numbers of a sentence that its row does not hold."""
    known = numbers_of(row)
    return [
        number for number in NUMBER.findall(own_words(row)) if not any(is_rounded(number, value) for value in known)
    ]


def is_rounded(text: str, value: float) -> bool:
    """Whether a number in a sentence is the value, rounded to the digits that are shown."""
    digits = len(text.partition(".")[2])
    return bool(abs(abs(float(text.replace(",", ""))) - abs(value)) <= 0.5 * 10**-digits + 1e-9)


def test_every_number_of_a_sentence_is_one_of_its_row(lines: list[Row]) -> None:
    assert {row["year"] for row in lines} >= set(range(2016, 2026))
    assert len(lines) > 300
    foreign = {row["sentence"]: numbers for row in lines if (numbers := foreign_numbers(row))}
    assert foreign == {}


def test_a_number_of_another_row_is_found(lines: list[Row]) -> None:
    row = of(lines, 2020, "tf_keras", "pytorch")["pypi_downloads"]
    assert foreign_numbers({**row, "sentence": row["sentence"].replace("113,788,105", "113,788,205")})
    assert foreign_numbers({**row, "value": row["value"] + 1}) == []  # the lead has the figure as well
    assert foreign_numbers({**row, "value": 1, "lead_value": 1}) == ["113,788,105", "113,788,105"]


def wrong_words(row: Row) -> list[str]:
    """The verdicts of a line of a metric that its sentence does not say, and those that it says and are none."""
    first, *rest = row["sentence"].partition(": ")[2].replace(f". {ANOTHER_WAY}", "; ").split("; ")
    expected = {
        "up": " is up " in first and "whether" not in first,
        "down": (" is down " in first and "whether" not in first) or " shrank" in first,
        "flat": " is flat " in first,
        "faster": "grew faster" in first,
        "slower": "grew more slowly" in first,
        "steady": "grew at the same pace" in first,
        "inconclusive": "inconclusive" in " ".join([first, *rest[:1]]),
        "not comparable": "not comparable" in " ".join([first, *rest[:1]]),
    }
    wrong = [] if row["parts"] or expected.get(row["move"], True) else [f"{row['move']} is not said"]
    wrong += [
        move
        for move in ("up", "flat", "faster", "slower", "steady")
        if expected[move] and row["move"] != move and not row["parts"]
    ]
    if row["kind"] == "stock" and (expected["up"] or " is down " in first):
        wrong.append("a stock is not up or down")
    against, text = row["against_label"], row["sentence"].replace("whether it leads", "")
    leads, trails = f"it leads {against}" in text, f"it trails {against}" in text
    if not row["lead_parts"] or not row["parts"]:
        wrong += ["lead"] if (leads, trails) != (row["lead"] == "leads", row["lead"] == "trails") else []
    wrong += [] if f"grade {row['grade']}: " in row["sentence"] else ["grade"]
    return wrong


def test_every_sentence_of_a_metric_says_the_verdicts_of_its_row(lines: list[Row]) -> None:
    metrics = [row for row in lines if row["metric_id"] is not None]
    assert len(metrics) > 200
    assert {row["sentence"]: wrong for row in metrics if (wrong := wrong_words(row))} == {}
    row = of(lines, 2020, "tf_keras", "pytorch")["github_stars"]
    assert wrong_words({**row, "move": "faster"}) == ["faster is not said", "slower"]
    assert wrong_words({**row, "lead": "trails"}) == ["lead"]


def test_a_channel_and_the_headline_count_what_stands_below_them(lines: list[Row]) -> None:
    for _, group in groupby(lines, key=lambda row: (row["year"], row["entity_id"], row["against_entity_id"])):
        headline, *rest = group
        channels = [row for row in rest if row["line_kind"] == "channel"]
        for name, lead in (("led", "leads"), ("trailed", "trails"), ("mixed", "mixed"), ("undecided", "inconclusive")):
            assert headline[f"{name}_in"] == [row["channel"] for row in channels if row["lead"] == lead]
        for move in ("up", "down", "flat", "faster", "slower", "steady", "mixed", "inconclusive"):
            assert headline[f"moves_{move}_in"] == [row["channel"] for row in channels if row["move"] == move]
        assert headline["channels_not_measured"] == [row["channel"] for row in channels if row["lead"] is None]
        for row in channels:
            below = [line for line in rest if line["line_kind"] == "metric" and line["channel"] == row["channel"]]
            if below:
                assert row["metrics_of"] == [line["metric_label"] for line in below]
                assert row["metric_moves"] == [line["move"] for line in below]


def test_the_mart_has_the_sentences_of_the_pair_under_review(published: DuckDB, lines: list[Row]) -> None:
    written = fetch_dicts(published, "select * from marts.rpt_brief where sentence is not null")
    assert {(row["entity_id"], row["against_entity_id"]) for row in written} == {
        ("tf_keras", "pytorch"), ("pytorch", "tf_keras"),
    }  # fmt: skip
    words = {
        (row["year"], row["entity_id"], row["against_entity_id"], row["line_number"]): row["sentence"] for row in lines
    }
    keys = ("year", "entity_id", "against_entity_id", "line_number")
    assert all(row["sentence"] == words[tuple(row[key] for key in keys)] for row in written)
    assert all(row["sentence"] for row in written)


def test_a_line_repeats_the_figures_of_the_year_and_no_direction_where_years_do_not_compare(published: DuckDB) -> None:
    differing = fetch_dicts(
        published,
        """
        select brief.year, brief.entity_id, brief.metric_id
        from marts.rpt_brief as brief
        inner join marts.fct_adoption_yoy as yoy
            on yoy.entity_type = 'contender' and yoy.segment = 'all' and brief.year = yoy.year
            and brief.entity_id = yoy.entity_id and brief.metric_id = yoy.metric_id
            and brief.source_id = yoy.source_id and brief.basis = yoy.basis
        where brief.parts is null and brief.is_level_known and (
            brief.value is distinct from yoy.value or brief.low is distinct from yoy.low
            or brief.direction <> yoy.direction or brief.is_comparable <> yoy.is_comparable
            or (yoy.compared_on is null and brief.move <> 'not comparable')
        )
        """,
    )
    assert differing == []


def test_who_leads_is_the_same_from_both_sides(published: DuckDB) -> None:
    query = """
        select me.year, me.entity_id, me.against_entity_id, me.channel, me.metric_id
        from marts.rpt_brief as me
        inner join marts.rpt_brief as other
            on me.year = other.year and me.entity_id = other.against_entity_id
            and me.against_entity_id = other.entity_id
            and me.channel = other.channel and me.metric_id = other.metric_id
        where (me.lead = 'leads') <> (other.lead = 'trails') or (me.lead is null) <> (other.lead is null)
    """
    assert fetch_dicts(published, query) == []


def test_no_sentence_has_a_superlative(lines: list[Row]) -> None:
    assert [row["sentence"] for row in lines if SUPERLATIVE.search(own_words(row))] == []
    assert SUPERLATIVE.search("the strongest year")
    assert not SUPERLATIVE.search("up at least 3 %")


def test_2020_downloads_are_up_for_both_at_the_same_place_in_the_baseline(lines: list[Row]) -> None:
    both = [of(lines, 2020, *names)["pypi_downloads"] for names in (("tf_keras", "pytorch"), ("pytorch", "tf_keras"))]
    assert [row["direction"] for row in both] == ["up", "up"]
    assert [round(row["growth_percentile"]) for row in both] == [85, 84]
    assert all("level with" in row["sentence"] for row in both)
    assert (both[0]["direction_agreeing"], both[0]["direction_exceptions"]) == (4, [])


def test_2020_whether_commits_are_up_depends_on_the_merge_policy(lines: list[Row]) -> None:
    row = of(lines, 2020, "tf_keras", "pytorch")["github_commits"]
    assert row["move"] == "inconclusive"
    assert (row["direction_agreeing"], row["direction_exceptions"]) == (1, ["all_commits by git_history"])
    assert row["direction_exception_answers"] == ["down"]
    assert "up in 1 of 2 specifications, but down when counted as all commits" in row["sentence"]


def test_2020_stars_came_more_slowly(lines: list[Row]) -> None:
    for names in (("tf_keras", "pytorch"), ("pytorch", "tf_keras")):
        row = of(lines, 2020, *names)["github_stars"]
        assert (row["move"], "grew more slowly" in row["sentence"]) == ("slower", True)


def test_2020_kaggle_is_up_by_any_denominator_less_when_standardised_and_not_among_data_scientists(
    published: DuckDB, lines: list[Row]
) -> None:
    row = of(lines, 2020, "tf_keras", "pytorch")["kaggle_survey"]
    assert (row["move"], row["direction_agreeing"], row["direction_exceptions"]) == ("up", 5, [])
    assert 0 < row["yoy_standardised"] < row["change"]
    assert row["direction_inconclusive"] == ["role=Data Scientist"]
    assert "inconclusive among those whose role is Data Scientist" in row["sentence"]
    headline = {"headline": "direction", "year": 2020, "metric_id": "kaggle_survey", "entity_id": "tf_keras"}
    choices = {choice["choice"]: choice["answer"] for choice in find(published, "marts.fct_robustness", **headline)}
    assert choices == {
        "answering": "up",
        "using_any": "up",
        "all_respondents": "up",
        "standardised": "up",
        "role=Student": "up",
        "role=Data Scientist": "inconclusive",
    }


@pytest.mark.parametrize(
    ("year", "metric", "expected"),
    [
        (2024, "pypi_downloads", ("trails", 174_436_646, 174_436_646, 227_641_956, 9, "D")),
        (2025, "pypi_downloads", ("trails", 260_728_610, 260_728_610, 637_534_027, 11, "C")),
        (2019, "stackoverflow_questions", ("leads", 14_905, 24_386, 2_915, 11, "D")),
    ],
)
def test_a_year_that_is_not_whole_is_led_over_the_months_held_of_both(
    lines: list[Row], year: int, metric: str, expected: tuple[str, int, int, int, int, str]
) -> None:
    row = of(lines, year, "tf_keras", "pytorch")[metric]
    low, high = (row["lead_value"] if row[f"lead_{end}"] is None else row[f"lead_{end}"] for end in ("low", "high"))
    figures = (round(low), round(high), round(row["against_value"]))
    assert (row["lead"], *figures, row["lead_common_months"], row["grade"]) == expected


@pytest.mark.parametrize(
    ("year", "metric", "expected"),
    [
        (2020, "github_stars", ("leads", 12_494, 12_494, 10_120, 10_120, 152_029, 45_135, None, "A")),
        (2021, "github_forks", ("trails", 2_414, 2_414, 2_604, 2_604, 86_035, 14_568, None, "D")),
        (2023, "github_stars", ("trails", 9_712, 9_712, 12_694, 12_694, 179_730, 74_005, None, "A")),
        # a level between two snapshots, a purge after which ten months are left
        (2025, "github_stars", ("trails", 5_981, 6_968, 10_626, 13_049, 193_132, 96_251, None, "C")),
        (2024, "github_forks", ("trails", 559, 677, 1_865, 2_476, None, None, 10, "C")),
    ],
)
def test_who_leads_in_what_piles_up_is_decided_by_what_was_added(
    lines: list[Row], year: int, metric: str, expected: tuple[object, ...]
) -> None:
    row = of(lines, year, "tf_keras", "pytorch")[metric]
    ends = [
        row[f"{side}_value"] if row[f"{side}_{end}"] is None else row[f"{side}_{end}"]
        for side in ("lead", "against")
        for end in ("low", "high")
    ]
    actual = (row["lead"], *ends, row["lead_total"], row["against_total"], row["lead_common_months"], row["grade"])
    assert actual == expected


def test_a_lead_by_totals_that_is_none_by_additions_is_an_exception(lines: list[Row]) -> None:
    row = of(lines, 2023, "tf_keras", "pytorch")["github_stars"]
    assert (row["lead_agreeing"], row["lead_exceptions"], row["lead_exception_answers"]) == (1, ["totals"], ["leads"])
    assert "+9,712 added against +12,694 (in total 179,730 against 74,005)" in row["sentence"]


def test_of_the_first_year_of_a_stock_nobody_leads(lines: list[Row]) -> None:
    row = of(lines, 2018, "tf_keras", "pytorch")["github_stars"]
    assert (row["value"], row["lead"], row["lead_value"]) == (117_667, None, None)


@pytest.mark.parametrize(
    ("year", "figures"),
    [
        (
            2024,
            "227,641,956 against 174,436,646 over the 9 months available of both (January to June, August to October;",
        ),
        (
            2025,
            "637,534,027 against 260,728,610 over the 11 months available of both (January to April, June to December;",
        ),
    ],
)
def test_a_headline_says_in_how_many_channels_what_is_missing_and_who_is_ahead_by_how_much(
    lines: list[Row], year: int, figures: str
) -> None:
    sentence = of(lines, year, "tf_keras", "pytorch")["headline"]["sentence"]
    start = rf"In {year} TensorFlow/Keras trails PyTorch in \d of \d channels with data of both \("
    assert re.match(start, sentence)
    assert re.search(r"no data of both: .*data-science survey, questions, .*Colab, notebooks\.$", sentence)
    assert f"PyTorch is ahead in Package downloads, {figures}" in sentence
    assert "TensorFlow/Keras is ahead" not in sentence


def test_2016_nobody_leads_what_was_not_released(lines: list[Row]) -> None:
    page = of(lines, 2016, "tf_keras", "pytorch")
    assert "PyTorch (released 2017-01-18) cannot be compared" in page["headline"]["sentence"]
    assert {row["lead"] for row in page.values()} == {None}


def test_2020_the_lead_shrank_in_most_metrics(lines: list[Row]) -> None:
    headline = of(lines, 2020, "tf_keras", "pytorch")["headline"]
    assert headline["lead_widened_in"] == ["Package downloads"]
    assert set(headline["lead_shrank_in"]) >= {"Kaggle survey", "GitHub stars", "GitHub forks", "GitHub commits"}


def test_2020_research_is_the_other_ones_by_proxy(lines: list[Row]) -> None:
    row = of(lines, 2020, "pytorch", "tf_keras")["conference_papers"]
    assert (row["lead"], row["parts_led"], row["lead_parts"]) == ("leads", 6, 6)
    assert "a proxy" in row["sentence"]


def test_what_cannot_be_computed_is_listed_with_its_reason(published: DuckDB) -> None:
    headline = {"headline": "direction", "year": 2020, "metric_id": "pypi_downloads", "entity_id": "tf_keras"}
    assert one(published, "marts.fct_robustness", **headline, choice="without_mirrors by pypi_tools")[
        "not_computable_reason"
    ] == ("2019 is incomplete: 3 of 12 months")
    unsaid = "select * from marts.fct_robustness where is_computable = (not_computable_reason is not null)"
    assert fetch_dicts(published, unsaid) == []


def crossover(published: DuckDB, source: str, basis: str, entity: str = "pytorch", against: str = "tf_keras") -> Row:
    way = {"metric_id": "pypi_downloads", "source_id": source, "basis": basis}
    return one(published, "marts.fct_crossovers", **way, entity_id=entity, against_entity_id=against)


def test_one_package_passes_the_other_in_march_2024_pip_only(published: DuckDB) -> None:
    row = crossover(published, "top_pypi_packages", "pip_only")
    assert (row["state"], row["month_date"]) == ("passed", date(2024, 3, 1))
    assert (round(row["value"]), round(row["against_value"])) == (23_963_111, 23_347_629)
    # July 2024 is not available: it neither ended the stretch nor counted in it
    assert (row["last_month_behind_date"], row["months_ahead"]) == (date(2024, 2, 1), 7)


def test_where_no_date_of_passing_is_known_none_is_said(published: DuckDB) -> None:
    ahead = crossover(published, "top_pypi_packages", "all_installers")
    assert (ahead["state"], ahead["month_date"], ahead["first_month_ahead_date"]) == (
        "already ahead",
        None,
        date(2024, 11, 1),
    )
    unknown = crossover(published, "pypi_tools", "without_mirrors")
    assert (unknown["state"], unknown["month_date"], unknown["reason"]) == (
        "not known",
        None,
        "PyTorch is not available",
    )


def test_momentum_of_a_whole_year_is_the_growth_of_that_year(published: DuckDB) -> None:
    row = one(
        published,
        "marts.fct_momentum",
        series_id=one(
            published,
            "marts.fct_adoption_yoy",
            metric_id="github_commits",
            basis="first_parent",
            entity_type="contender",
            entity_id="tf_keras",
            year=2020,
            segment="all",
        )["series_id"],
        measure="twelve_months_on_twelve_before",
        period_end=date(2021, 1, 1),
    )
    assert (row["value"], row["prior_value"], row["direction"]) == (20_720, 20_651, "up")
    unsaid = "not is_comparable and (change is not null or direction not in ('not comparable', 'no data'))"
    assert fetch_dicts(published, f"from marts.fct_momentum where {unsaid}") == []


def test_the_printed_page_has_every_sentence(
    built: Settings, lines: list[Row], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "4000")
    show(built, 2024, "pytorch", "tf_keras")
    page = capsys.readouterr().out
    for row in of(lines, 2024, "pytorch", "tf_keras").values():
        assert row["sentence"].partition(": ")[2].lower() in page.lower()
    assert "PyTorch passed TensorFlow/Keras in March 2024 (23,963,111 against 23,347,629)" in page
    show(built, 2020)
    page = capsys.readouterr().out
    assert "2020 in brief: TensorFlow/Keras against PyTorch" in page
    assert "direction: when counted as without mirrors (pypi tools) (2019 is incomplete: 3 of 12 months); " in page
    # bounds of rare things are no change
    assert "Hacker News job posts" in page
    assert "+4.8 % to +78 %" not in page
    show(built, 2020, against="tensorflow/keras")
    assert "2020 in brief: PyTorch against TensorFlow/Keras" in capsys.readouterr().out


def test_what_cannot_be_asked_is_said_with_what_can(built: Settings) -> None:
    with pytest.raises(UnknownContenderError, match="No contender is called 'tensorflw'; expected one of caffe, "):
        show(built, 2020, "tensorflw")
    with pytest.raises(UnknownContenderError, match=r"did you mean TensorFlow\?$"):
        show(built, 2020, "TensorFlw")
    with pytest.raises(UnknownContenderError, match="TensorFlow/Keras cannot be compared with itself"):
        show(built, 2020, "tensorflow", "Keras")
    with pytest.raises(UnknownContenderError, match="PyTorch cannot be compared with itself"):
        show(built, 2020, "pytorch", "pytorch")
    with pytest.raises(UnknownYearError, match=r"There is no data of both .* for 1999; briefs go from 20"):
        show(built, 1999)


def test_where_the_union_says_nothing_its_parts_are_said_that_moved_alike(lines: list[Row]) -> None:
    survey = of(lines, 2022, "tf_keras", "pytorch")["stackoverflow_survey"]
    assert survey["move"] == "inconclusive"
    assert "its parts moved alike, TensorFlow down 3.7 points, Keras down 2.9 points" in survey["sentence"]
    # Keras left in November 2023: TensorFlow belongs to both years
    assert (
        "; TensorFlow alone is up 1.2 points; "
        in of(lines, 2024, "tf_keras", "pytorch")["stackoverflow_survey"]["sentence"]
    )
    said = [row for row in lines if row["member_labels"]]
    assert {row["move"] for row in said} <= {"inconclusive", "not comparable"}
    assert all(row["member_direction"] in ("up", "down") for row in said)


def test_months_that_compare_come_before_a_whole_year_that_does_not(lines: list[Row]) -> None:
    row = of(lines, 2021, "tf_keras", "pytorch")["github_commits"]
    assert (row["move"], row["compared_on"], row["common_months"], round(row["yoy_common_pct"])) == (
        "down",
        "common months",
        5,
        -21,
    )


def test_the_own_pace_of_a_stock_is_not_lost_to_a_way_of_both_that_knows_none(lines: list[Row]) -> None:
    row = of(lines, 2021, "pytorch", "jax")["github_stars"]
    assert (row["move"], row["source_id"], row["lead_source_id"]) == ("slower", "github_ranking", "best_of_ml_python")
    for row in lines:
        if row["own_basis"] is not None and row["kind"] == "stock" and row["move"] == "not comparable":
            # the own way knows no better
            assert row["own_change_pct"] is None, row["sentence"]


def test_a_headline_of_a_year_that_is_not_over_says_so_and_what_the_median_package_did(lines: list[Row]) -> None:
    running = of(lines, 2026, "tf_keras", "pytorch")["headline"]
    assert running["sentence"].startswith("In 2026, up to July, only 2 of 12 channels have data of both ")
    assert (
        "Package downloads over 5 months of both years: TensorFlow/Keras -0.1 %, the median package +77 %, "
        in (running["sentence"])
    )
    assert all(row["newest_month_of_year"] is None for row in lines if row["year"] < 2026)
    assert (
        "Package downloads: TensorFlow/Keras +7.1 %, the median package +26 %, PyTorch +38 %"
        in (of(lines, 2023, "tf_keras", "pytorch")["headline"]["sentence"])
    )
