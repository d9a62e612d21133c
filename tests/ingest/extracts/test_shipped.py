"""The shipped extracts: whole, documented, loaded without a rejected row, and equal to the public figures."""

from __future__ import annotations

import csv
from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ingest.landing import SIDECAR_SUFFIX, digest, event_from_json
from ingest.model import Fetch
from ingest.sources import load_source
from tests.ingest.extracts.conftest import EXTRACTS, Shipped

FILES = sorted(path for path in EXTRACTS.glob("*/*") if path.suffix == ".csv")
IDS = [f"{path.parent.name}/{path.name}" for path in FILES]


def sidecar(path: Path) -> Fetch:
    text = path.with_name(path.name + SIDECAR_SUFFIX).read_text(encoding="utf-8")
    return event_from_json(text, path.name)


def facts_of(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "facts" / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


# --- every file ---------------------------------------------------------------------------------------------------


def test_every_file_has_a_sidecar_and_every_sidecar_a_file() -> None:
    files = {
        path.relative_to(EXTRACTS).as_posix() for path in EXTRACTS.glob("*/*") if path.parent.name != "__pycache__"
    }
    assert files == {name for path in IDS for name in (path, path + SIDECAR_SUFFIX)}
    assert len(FILES) >= 11


def test_they_are_a_few_megabytes_in_all() -> None:
    assert sum(path.stat().st_size for path in FILES) < 12_000_000


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_sidecar_speaks_of_the_file_beside_it(path: Path) -> None:
    fetch = sidecar(path)
    assert (fetch.source, fetch.filename, fetch.kind) == (path.parent.name, path.name, "landed")
    assert fetch.sha256 == digest(path.read_bytes())
    assert fetch.scope.table in load_source(fetch.source).tables
    assert fetch.scope.period_start < fetch.scope.period_end


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_sidecar_names_licence_origin_reduction_and_evidence(path: Path) -> None:
    fetch = sidecar(path)
    assert fetch.licence
    assert fetch.reduction
    assert fetch.available_evidence
    assert fetch.derived_from
    for origin in fetch.derived_from:
        assert origin["repository"]
        assert origin["path"]
        assert origin.get("commit") or origin.get("sha256")
    assert fetch.landed_at.utcoffset() == timedelta(0)
    assert fetch.available_at is None or fetch.available_at < fetch.landed_at


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_file_loads_without_a_rejected_row(shipped: Shipped, path: Path) -> None:
    (report,) = (candidate for candidate in shipped.reports[path.parent.name] if candidate.filename == path.name)
    with path.open(encoding="utf-8", newline="") as handle:
        lines = sum(1 for _ in csv.reader(handle)) - 1
    assert (report.status, report.error) == ("loaded", "")
    assert (report.rows_in, report.rows_loaded, report.rows_rejected) == (lines, lines, 0)
    assert lines > 0


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_rows_lie_within_what_the_scope_covers(shipped: Shipped, path: Path) -> None:
    fetch = sidecar(path)
    table = f"{fetch.source}__{fetch.scope.table}"
    rows_of_extract = f"from raw.{table} where extract_id = '{fetch.extract_id}'"
    columns = shipped.rows(f"select column_name, column_type from (describe raw.{table})")
    for name in [column for column, kind in columns if kind == "DATE"]:
        ((first, last),) = shipped.rows(f"select min({name}), max({name}) {rows_of_extract}")
        assert fetch.scope.period_start <= first <= last < fetch.scope.period_end, name
    if fetch.scope.terms is not None:
        texts = [column for column, kind in columns if kind == "VARCHAR"]
        names_in_rows = [
            {row[0] for row in shipped.rows(f"select distinct {name} {rows_of_extract}")} for name in texts
        ]
        assert any(values <= set(fetch.scope.terms) for values in names_in_rows)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_no_row_is_known_before_its_period_ended_or_after_it_was_landed(shipped: Shipped, path: Path) -> None:
    fetch = sidecar(path)
    table = f"raw.{fetch.source}__{fetch.scope.table}"
    columns = {row[0] for row in shipped.rows(f"select column_name from (describe {table})")}
    if "available_at" not in columns:
        assert fetch.available_at is not None or "date of each row" in fetch.available_evidence
        return
    # months are listed with their year: the last one begins
    last_month = "make_date(year, string_split(months, ' ')[-1]::integer, 1)"
    (day,) = columns & {"window_end_date", "month_date", "snapshot_date"} or {last_month}
    query = (
        f"select count(*) from {table} where available_at < {day} or available_at > '{fetch.landed_at}'::timestamptz"
    )
    assert shipped.rows(query) == [(0,)]


def test_loading_the_shipped_extracts_again_finds_nothing_new(shipped: Shipped) -> None:
    assert {len(reports) for reports in shipped.reports.values()} >= {1}
    ((extracts, sums),) = shipped.rows("select count(*), sum(rows_in = rows_loaded + rows_rejected) from raw.extracts")
    assert extracts == sums == len(FILES)


# --- figures that the project must show ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("package", "window", "downloads"),
    [
        ("tensorflow", "2020-01-01", 113_788_105),
        ("tensorflow", "2019-01-02", 44_066_008),
        ("tensorflow", "2018-01-03", 13_606_453),
        ("torch", "2020-01-01", 18_461_407),
        ("torch", "2019-01-02", 7_406_129),
        ("torch", "2018-01-03", 1_312_037),
        ("jax", "2020-01-01", 686_784),
        ("mxnet", "2020-01-01", 2_458_339),
    ],
)
def test_downloads_of_a_year_by_pip(shipped: Shipped, package: str, window: str, downloads: int) -> None:
    for table, limit in (("windows", "window_days = 366"), ("year_totals", "months = 0")):
        query = f"""select downloads, installers from raw.top_pypi_packages__{table}
                    where package = '{package}' and window_start_date = '{window}' and {limit}"""
        assert shipped.rows(query) == [(downloads, "pip")]


def test_jax_was_on_no_list_of_2019_whose_threshold_is_known(shipped: Shipped) -> None:
    year = "window_start_date = '2019-01-02' and window_end_date = '2020-01-02'"
    assert shipped.rows(f"select count(*) from raw.top_pypi_packages__windows where package = 'jax' and {year}") == [
        (0,)
    ]
    assert shipped.rows(f"select smallest_downloads from raw.top_pypi_packages__snapshots where {year}") == [(168_507,)]


@pytest.mark.parametrize(
    ("limits", "months", "downloads"),
    [
        ("year(month_date) = 2020 and source_format = 'pypistats'", 12, 114_029_607),
        ("year(month_date) = 2019 and source_format = 'pypinfo'", 9, 29_574_898),
        ("year(month_date) = 2019 and source_format = 'pypistats'", 3, 14_443_505),
        ("year(month_date) < 2020", 47, 60_923_883),
    ],
)
def test_downloads_of_months(shipped: Shipped, limits: str, months: int, downloads: int) -> None:
    query = f"select count(*), sum(downloads) from raw.pypi_tools__months where package = 'tensorflow' and {limits}"
    assert shipped.rows(query) == [(months, downloads)]


def test_the_month_that_the_publisher_lacks_is_absent_and_not_zero(shipped: Shipped) -> None:
    query = "select count(*) from raw.pypi_tools__months where month_date = '2016-04-01'"
    assert shipped.rows(query) == [(0,)]


@pytest.mark.parametrize(
    ("repository", "stars", "forks"),
    [
        ("tensorflow/tensorflow", 152_029, 83_621),
        ("pytorch/pytorch", 45_135, 11_964),
        ("keras-team/keras", 50_420, 18_692),
    ],
)
def test_stars_and_forks_at_the_end_of_2020(shipped: Shipped, repository: str, stars: int, forks: int) -> None:
    query = f"""select stars, forks from raw.github_ranking__snapshots
                where repository = '{repository}' and snapshot_date = '2020-12-31'"""
    assert shipped.rows(query) == [(stars, forks)]


def test_the_year_without_a_snapshot_at_its_end_has_its_neighbours(shipped: Shipped) -> None:
    query = """select max(snapshot_date) filter (snapshot_date < '2025-01-01'),
                      min(snapshot_date) filter (snapshot_date >= '2025-01-01')
               from raw.github_ranking__snapshots where repository = 'pytorch/pytorch'"""
    assert shipped.rows(query) == [(date(2024, 10, 23), date(2025, 1, 8))]


# --- the survey by option sets ------------------------------------------------------------------------------------


def chose(*labels: str) -> str:
    """SQL: chose at least one of the options."""
    return f"list_has_any(labels, {list(labels)})"


TF_OR_KERAS = chose("TensorFlow", "Keras")
CHOICES = {
    "TensorFlow OR Keras": TF_OR_KERAS,
    "TensorFlow AND Keras": f"{chose('TensorFlow')} and {chose('Keras')}",
    "TensorFlow only (not Keras)": f"{chose('TensorFlow')} and not {chose('Keras')}",
    "Keras only (not TensorFlow)": f"{chose('Keras')} and not {chose('TensorFlow')}",
    "PyTorch": chose("PyTorch"),
    "PyTorch OR PyTorch Lightning OR fast.ai (Chollet 2022 gist group)": chose(
        "PyTorch", "PyTorch Lightning", "Fast.ai"
    ),
    "(TensorFlow OR Keras) AND PyTorch": f"{TF_OR_KERAS} and {chose('PyTorch')}",
    "TensorFlow OR Keras, not PyTorch": f"{TF_OR_KERAS} and not {chose('PyTorch')}",
    "PyTorch, not TensorFlow/Keras": f"{chose('PyTorch')} and not {TF_OR_KERAS}",
    "TensorFlow OR Keras OR PyTorch OR JAX": chose("TensorFlow", "Keras", "PyTorch", "JAX"),
    "JAX": chose("JAX"),
    "scikit-learn": chose("Scikit-learn"),
}


@pytest.fixture(scope="module")
def survey(shipped: Shipped) -> Shipped:
    """Adds a view with the labels of the options in each set."""
    shipped.connection.execute(
        """create or replace temp view chosen_sets as
           select s.edition, s.role, s.respondents, s.option_numbers,
                  list_transform(s.option_numbers, lambda number: o.labels[number]) as labels
           from raw.kaggle_survey__option_sets s
           join (select edition, map(list(option_number), list(option_label)) as labels
                 from raw.kaggle_survey__options group by edition) o using (edition)"""
    )
    return shipped


def respondents(survey: Shipped, edition: int, choice: str, role: str | None = None) -> tuple[Any, ...]:
    """Those who chose, those who answered, those who use any, and all."""
    limit = "" if role is None else f"and role = '{role}'"
    (counts,) = survey.rows(
        f"""select sum(respondents) filter ({choice}), sum(respondents) filter (len(option_numbers) > 0),
                   sum(respondents) filter (len(option_numbers) > 0 and not {chose("None")}), sum(respondents)
            from chosen_sets where edition = {edition} {limit}"""
    )
    return counts


@pytest.mark.parametrize(
    ("edition", "tf_or_keras", "pytorch", "answering", "everybody"),
    [
        (2019, 7_233, 3_412, 13_753, 19_717),
        (2020, 7_987, 4_189, 14_140, 20_036),
        (2021, 10_660, 6_088, 19_624, 25_973),
        (2018, 11_091, 3_826, 18_696, 23_859),
        (2022, 8_850, 5_191, 16_240, 23_997),
    ],
)
def test_unions_of_options_count_a_respondent_once(
    survey: Shipped, edition: int, tf_or_keras: int, pytorch: int, answering: int, everybody: int
) -> None:
    union = respondents(survey, edition, TF_OR_KERAS)
    assert (union[0], union[1], union[3]) == (tf_or_keras, answering, everybody)
    assert respondents(survey, edition, chose("PyTorch"))[0] == pytorch


def test_none_is_an_answer(survey: Shipped) -> None:
    assert respondents(survey, 2020, chose("None"))[:3] == (1_208, 14_140, 12_932)


def test_every_option_of_a_set_is_an_option_of_its_edition(survey: Shipped) -> None:
    assert survey.rows("select count(*) from chosen_sets where list_contains(labels, null)") == [(0,)]
    assert survey.rows("select edition, count(*) from raw.kaggle_survey__options group by all order by all") == [
        (2017, 49),
        (2018, 19),
        (2019, 12),
        (2020, 16),
        (2021, 18),
        (2022, 15),
    ]


def test_students_of_2022_have_their_role_although_they_were_asked_for_no_title(survey: Shipped) -> None:
    assert respondents(survey, 2022, TF_OR_KERAS, "Student")[3] == 11_961


@pytest.mark.parametrize("edition", [2017, 2018, 2022])
def test_options_of_the_editions_added_equal_those_of_the_public_figures(
    survey: Shipped, shared: Path, edition: int
) -> None:
    numbers = {
        row["option_number"]: row["option_label"] for row in facts_of(shared, f"recent/kaggle_options_{edition}.csv")
    }
    published: dict[str, int] = defaultdict(int)
    for row in facts_of(shared, f"recent/kaggle_option_sets_{edition}.csv"):
        for number in filter(None, row["option_numbers"].split("|")):
            published[numbers[number]] += int(row["respondents"])
    query = f"""select label, sum(respondents) from (
                  select respondents, unnest(labels) as label from chosen_sets where edition = {edition}
                ) group by label"""
    assert dict(survey.rows(query)) == published


def test_unions_equal_those_of_the_public_figures(survey: Shipped, shared: Path) -> None:
    published = [row for row in facts_of(shared, "surveys/unions.csv") if row["survey"] == "kaggle"]
    assert {row["definition"] for row in published} == set(CHOICES)
    assert len(published) > 60
    for row in published:
        role = row["segment"].removeprefix("role=") if row["segment"] != "all" else None
        expected = ("respondents", "respondents_answering", "respondents_using_any", "respondents_total")
        actual = respondents(survey, int(row["year"]), CHOICES[row["definition"]], role)
        assert actual == tuple(int(row[name]) for name in expected), (row["year"], row["segment"], row["definition"])


def test_options_equal_those_of_the_public_figures(survey: Shipped, shared: Path) -> None:
    published = [row for row in facts_of(shared, "surveys/framework_counts.csv") if row["survey"] == "kaggle"]
    assert len(published) == 12 + 16 + 18
    for row in published:
        actual = respondents(survey, int(row["year"]), chose(row["option_raw"].strip()))
        expected = ("respondents_using", "respondents_answering", "respondents_using_any", "respondents_total")
        assert actual == tuple(int(row[name]) for name in expected), (row["year"], row["option_raw"])


# --- the other figures, counted in another way --------------------------------------------------------------------


@pytest.mark.parametrize("series", ["30d", "365d"])
def test_windows_equal_the_public_figures(shipped: Shipped, shared: Path, series: str) -> None:
    published = sorted(
        (row["package"], row["window_end"], int(row["window_days"]), int(row["downloads"]), row["installer_filter"])
        for row in facts_of(shared, f"pypi/windows_{series}.csv")
    )
    query = f"""select package, window_end_date::varchar, window_days, downloads, installers, window_start_date
                from raw.top_pypi_packages__windows join raw.extracts using (extract_id)
                where filename = 'windows_{series}.csv' order by 1, 2, 3, 4, 5"""
    actual = shipped.rows(query)
    assert [row[:5] for row in actual] == published
    for *_, end, days, _, _, start in actual:
        assert start == date.fromisoformat(end) - timedelta(days=days - 1)


def test_the_exact_year_equals_the_public_figures(shipped: Shipped, shared: Path) -> None:
    published = {row["package"]: int(row["downloads"]) for row in facts_of(shared, "pypi/calendar_2020_exact.csv")}
    year = "window_start_date = '2020-01-01' and window_end_date = '2020-12-31'"
    totals = dict(shipped.rows(f"select package, downloads from raw.top_pypi_packages__year_totals where {year}"))
    windows = dict(shipped.rows(f"select package, downloads from raw.top_pypi_packages__windows where {year}"))
    assert windows == published
    assert {package: totals[package] for package in published} == published


def test_months_equal_the_public_figures(shipped: Shipped, shared: Path) -> None:
    published = sorted(
        (row["package"], f"{row['month']}-01", int(row["downloads"]), row["source_format"].split(":")[0])
        for row in facts_of(shared, "pypi/calendar_month_pypi_tools.csv")
    )
    query = "select package, month_date::varchar, downloads, source_format from raw.pypi_tools__months order by all"
    assert shipped.rows(query) == published


def test_stars_are_those_of_the_first_and_last_day_of_each_month(shipped: Shipped, shared: Path) -> None:
    months: dict[tuple[str, str], list[tuple[str, int, int]]] = defaultdict(list)
    for row in facts_of(shared, "github/stars_forks_daily.csv"):
        day = (row["snapshot_date"], int(row["stars"]), int(row["forks"]))
        months[row["full_name"], row["snapshot_date"][:7]].append(day)
    published = {(repository, *edge) for (repository, _), days in months.items() for edge in (min(days), max(days))}
    actual = shipped.rows("select repository, snapshot_date::varchar, stars, forks from raw.github_ranking__snapshots")
    assert len(actual) == len(published)
    assert set(actual) == published


def test_estimated_years_are_the_sum_of_twelve_estimated_months(shipped: Shipped, shared: Path) -> None:
    years: dict[tuple[str, int, str], dict[int, tuple[date, Fraction]]] = defaultdict(dict)
    for row in facts_of(shared, "pypi/windows_30d.csv"):
        end = date.fromisoformat(row["window_end"])
        days = monthrange(end.year, end.month)[1]
        months = years[row["package"], end.year, row["installer_filter"]]
        if end.year >= 2022 and days - end.day <= 3 and end >= months.get(end.month, (end,))[0]:
            months[end.month] = (end, Fraction(int(row["downloads"]) * days, int(row["window_days"])))
    expected = {
        key: int(sum(estimate for _, estimate in months.values()) + Fraction(1, 2))
        for key, months in years.items()
        if len(months) == 12
    }
    query = """select package, year(window_start_date), installers, downloads
               from raw.top_pypi_packages__year_totals where months = 12"""
    actual = {(package, year, installers): total for package, year, installers, total in shipped.rows(query)}
    assert len(expected) > 40
    assert {key: actual[key] for key in expected} == expected


# --- the figures for 2016 to 2026 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edition", "population", "respondents", "of"),
    [
        (2021, "answering_all_five", {"TensorFlow": 4_743, "Keras": 2_832, "Torch/PyTorch": 2_732}, 27_063),
        (2022, "answering_all_five", {"TensorFlow": 3_840, "Keras": 2_105, "Torch/PyTorch": 2_379}, 27_801),
        (2023, "answering_all_five", {"TensorFlow": 4_265, "Keras": 1_822, "Torch/PyTorch": 3_729, "JAX": 426}, 36_706),
        (2024, "answering_all_five", {"TensorFlow": 3_159, "Keras": 1_305, "Torch/PyTorch": 3_028, "JAX": 291}, 24_631),
        (2023, "answering_with_years_of_coding", {"TensorFlow": 6_335, "Torch/PyTorch": 5_812}, 56_334),
    ],
)
def test_developers_of_2021_to_2024(
    shipped: Shipped, edition: int, population: str, respondents: dict[str, int], of: int
) -> None:
    query = f"""select option_label, respondents, population_high from raw.stackoverflow_survey__subset_options
                where edition = {edition} and population = '{population}'"""
    actual = {label: (chose, total) for label, chose, total in shipped.rows(query)}
    assert {label: actual[label] for label in respondents} == {label: (n, of) for label, n in respondents.items()}


def test_job_posts_of_2025_by_keyword(shipped: Shipped) -> None:
    query = """select term, sum(posts), sum(all_posts) from raw.hn_hiring_analysis__months
               where year(month_date) = 2025 and term in ('TensorFlow', 'PyTorch') group by term order by term"""
    assert shipped.rows(query) == [("PyTorch", 86, 4_050), ("TensorFlow", 17, 4_050)]
    assert shipped.rows("select count(*) from raw.hn_hiring_analysis__months where term in ('Keras', 'JAX')") == [(0,)]


@pytest.mark.parametrize(
    ("project", "field", "first", "last", "added"),
    [
        ("pytorch", "github_dependent_project_count", "2023-12-28", "2024-12-26", 234_308),
        ("tensorflow", "github_dependent_project_count", "2023-12-28", "2024-12-26", 114_397),
        ("tensorflow", "commit_count", "2023-12-28", "2024-12-26", 16_143),
        ("pytorch", "commit_count", "2023-12-28", "2024-12-26", 14_821),
    ],
)
def test_what_was_added_between_two_snapshots_of_a_list(
    shipped: Shipped, project: str, field: str, first: str, last: str, added: int
) -> None:
    query = f"""select max(value) filter (snapshot_date = '{last}') - max(value) filter (snapshot_date = '{first}')
                from raw.best_of_ml_python__snapshots where project = '{project}' and field = '{field}'"""
    assert shipped.rows(query) == [(added,)]


def test_a_benchmark_round_by_framework(shipped: Shipped) -> None:
    query = """select count(*), count(*) filter (framework = 'pytorch'), count(*) filter (framework = 'tensorflow')
               from raw.mlperf_training__submissions where round = 'v5.1'"""
    assert shipped.rows(query) == [(185, 165, 0)]
    assert shipped.rows("select count(distinct round), count(*) from raw.mlperf_training__submissions") == [(13, 2_252)]


def test_stars_of_a_month_that_still_stand(shipped: Shipped, shared: Path) -> None:
    published = {
        (row["repository"], f"{row['month']}-01"): int(row["count"])
        for row in facts_of(shared, "recent/repostory_monthly.csv")
        if row["event"] == "stars" and row["complete"] == "yes"
    }
    query = "select repository, month_date::varchar, stars from raw.repostory__months where stars is not null"
    assert {(repository, month): stars for repository, month, stars in shipped.rows(query)} == published


def test_the_total_of_a_channel_begins_where_its_way_of_counting_does(shipped: Shipped) -> None:
    query = "select min(month_date)::varchar, max(month_date)::varchar, count(*) from raw.conda_forge_totals__months"
    assert shipped.rows(query) == [("2024-12-01", "2026-07-01", 20)]


def test_may_2026_lies_under_its_neighbours(shipped: Shipped) -> None:
    query = """select month(window_end_date), downloads from raw.top_pypi_packages__windows
               where package = 'torch' and window_start_date >= '2026-04-01' order by 1"""
    (_, april), (_, may), (_, june) = shipped.rows(query)
    assert may < 0.9 * april < june
