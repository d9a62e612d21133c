"""The shipped files that one query each makes of the figures for 2016 to 2026 (`facts/recent`)."""

from __future__ import annotations

from datetime import UTC, datetime

from ingest.extracts.reduction import DAY_AFTER, MONTH_AFTER, Reduction

SHIPPED_AT = datetime(2026, 11, 28, tzinfo=UTC)

STACKOVERFLOW = Reduction(
    "stackoverflow_survey",
    "subset_options",
    "subset_options.csv",
    """select edition, option as option_label, respondents_choosing as respondents,
              'answering_all_five' as population, respondents_in_population as population_low,
              respondents_in_population as population_high, respondents_in_file as all_respondents,
              'printed by a notebook that keeps who answered five questions' as evidence
       from '{facts}/recent/stackoverflow_survey_2021_2024.csv' where question_column = 'MiscTechHaveWorkedWith'
       union all
       select edition, option, respondents_choosing, 'answering_with_years_of_coding', population_low, population_high,
              89184, 'labels of a chart of those who named their years of coding'
       from '{facts}/recent/stackoverflow_survey_2023_answering.csv'
       order by edition, population, option_label""",
    ("min(make_date(edition::int, 1, 1))", "make_date(max(edition)::int + 1, 1, 1)"),
    None,
    "ODbL 1.0",
    {
        "repository": "Gracormo/Stack-Overflow-Surveys-2021-2024 (2021 to 2024), "
        "SaiNikhil1258/Stack-Over-Flow-Surey-2023 (2023)",
        "commit": "870cef800281c2d3d351cd206892a39aede7e8b1, a4d0b6bc7341d3f7c75e22112b8a86f51c8879d6",
        "path": "tech_trends_ai_use.ipynb, Output_images/output_57_0.png",
    },
    "respondents by option of the question on other frameworks and libraries, 2021 to 2024, of a part of those who "
    "answered it; the other questions are left out",
    SHIPPED_AT,
)

HN_HIRING = Reduction(
    "hn_hiring_analysis",
    "months",
    "months.csv",
    """select strptime(month, '%Y-%m')::date as month_date, term, posts_naming_it as posts, posts as all_posts,
              source_commit
       from read_csv('{facts}/recent/hn_who_is_hiring_2026.csv', types={{'month': 'VARCHAR'}})
       order by term, month_date""",
    ("min(month_date)", MONTH_AFTER),
    "select distinct term from result order by 1",
    "none stated",
    {
        "repository": "controlarm/hn-hiring-analysis",
        "commit": "a2573f5c743e0f0cd2c70c0e7721ac9fa2dc9dfe",
        "path": "data/keyword_share.csv, data/volume.csv",
    },
    "all months and terms; counts recovered from the published shares of posts (rounded, residual below one post)",
    SHIPPED_AT,
)

BEST_OF = {
    "repository": "lukasmasuch/best-of-ml-python",
    "commit": "47f29706164810be3fe3c3e50f5216fe8e95d2dc",
    "path": "history/*_projects.csv",
}
BEST_OF_LICENCE = "CC BY-SA 4.0"
BEST_OF_FIELDS = """('pypi_monthly_downloads', 'commit_count', 'star_count', 'fork_count',
            'github_dependent_project_count', 'contributor_count', 'conda_total_downloads', 'dockerhub_pulls')"""

BEST_OF_SNAPSHOTS = Reduction(
    "best_of_ml_python",
    "snapshots",
    "snapshots.csv",
    f"""select snapshot_date, project, field, counted_id, value, coalesce(flags, '') as flags
        from '{{facts}}/recent/bestof_weekly.csv' where field in {BEST_OF_FIELDS}
        order by project, field, snapshot_date""",
    ("min(snapshot_date)", DAY_AFTER.format("snapshot_date")),
    "select distinct project from result order by 1",
    BEST_OF_LICENCE,
    BEST_OF,
    "eight fields of the projects named in scope.terms; flags mark what is known to be wrong, and are kept with the "
    "value; packages that depend on a package are left out, since their counter changed three times",
    SHIPPED_AT,
)

BEST_OF_TRUST = Reduction(
    "best_of_ml_python",
    "trust",
    "trust.csv",
    f"""select project, field, "values" as snapshots, values_without_flaw as snapshots_without_flaw, note
        from '{{facts}}/recent/bestof_trust.csv' where field in {BEST_OF_FIELDS} order by project, field""",
    ("date '2020-11-30'", "date '2025-10-31'"),
    "select distinct project from result order by 1",
    BEST_OF_LICENCE,
    BEST_OF,
    "of each project and field: how many snapshots have a value, how many of these without a flaw, and what is known",
    SHIPPED_AT,
)

REPOSTORY = Reduction(
    "repostory",
    "months",
    "months.csv",
    """pivot (
         select repository, strptime(month, '%Y-%m')::date as month_date, event, "count" as n,
                fetched_at as available_at, source_commit
         from read_csv('{facts}/recent/repostory_monthly.csv', types={{'month': 'VARCHAR', 'complete': 'VARCHAR'}})
         where complete = 'yes'
       ) on event in ('stars', 'pull_requests', 'issues') using sum(n)
       group by repository, month_date, available_at, source_commit order by repository, month_date""",
    ("min(month_date)", MONTH_AFTER),
    "select distinct repository from result order by 1",
    "none stated",
    {
        "repository": "0x0w1/repostory",
        "commit": "66e97a67d283cbb44b0ea2b1feb334242c17eac0",
        "path": "repo_data/*.json",
    },
    "stars, pull requests and issues by month of birth, of those that stand on the day of fetching; forks and the "
    "month that was not over are left out",
    SHIPPED_AT,
)

MLPERF = Reduction(
    "mlperf_training",
    "submissions",
    "submissions.csv",
    """select round, published_on, coalesce(submitter, '') as submitter, coalesce(system, '') as system, benchmark,
              result_logs, coalesce(framework_field, '') as framework_field,
              coalesce(nullif(framework_assigned, '(not assigned)'), '') as framework, assignment_evidence as evidence,
              path
       from '{facts}/recent/mlperf_training_submissions.csv'
       order by published_on, round, submitter, system, benchmark, path""",
    ("min(published_on)", DAY_AFTER.format("published_on")),
    None,
    "Apache-2.0",
    {
        "repository": "mlcommons/training_results_v0.5 to mlcommons/training_results_v5.1",
        "commit": "= string_agg(distinct commit, ', ' order by commit) from '{facts}/recent/mlperf_rounds.csv'",
        "path": "*/systems/*.json, */results/**/result_*.txt",
    },
    "submitter by system by benchmark, with the framework assigned and by which evidence; result logs are counted",
    SHIPPED_AT,
)

CONDA_FORGE = Reduction(
    "conda_forge_totals",
    "months",
    "months.csv",
    """select 'conda-forge' as channel, (date_trunc('month', committed_at at time zone 'UTC') - interval 1 month)::date
              as month_date, last_month as downloads, committed_at at time zone 'UTC' as available_at, source_commit
       from '{facts}/recent/conda_forge_total.csv'
       where committed_at >= timestamptz '2025-01-01 00:00:00+00'
       qualify row_number() over (partition by month_date order by committed_at desc) = 1
       order by month_date""",
    ("min(month_date)", MONTH_AFTER),
    "select distinct channel from result order by 1",
    "none stated",
    {
        "repository": "conda-forge/by-the-numbers",
        "commit": "e438963ab895927512a43c73ef10b418adc2bd2e",
        "path": "data/download_counts.json",
    },
    "downloads of the month before each reading, from 2025-01-03: earlier readings were counted in another way",
    SHIPPED_AT,
)

FORK = {
    "repository": "hugovk/top-pypi-packages, read from the fork pathum25/top-pypi-packages",
    "commit": "edbb588f1c43b11dea7cb13e9a9acd6989792398",
    "path": "top-pypi-packages-30-days.json",
}
PUBLISHED = """(select source_commit, min(commit_date) as released
                from '{facts}/recent/top_pypi_thresholds_2026.csv' group by all)"""

TOP_WINDOWS = Reduction(
    "top_pypi_packages",
    "windows",
    "windows_30d_2026.csv",
    f"""select package, window_start as window_start_date, window_end as window_end_date, window_days, downloads,
               installer_filter as installers, released as available_at, source_commit
        from '{{facts}}/recent/top_pypi_windows_2026.csv' join {PUBLISHED} using (source_commit)
        order by package, window_end_date""",
    ("min(window_start_date)", DAY_AFTER.format("window_end_date")),
    "select distinct package from '{facts}/pypi/windows_*.csv' order by 1",
    "none stated",
    FORK,
    "the calendar months 2026-04 to 2026-06 of the packages named in scope.terms, as published",
    SHIPPED_AT,
)

TOP_SNAPSHOTS = Reduction(
    "top_pypi_packages",
    "snapshots",
    "snapshots_2026.csv",
    """select window_start as window_start_date, window_end as window_end_date, effective_days as window_days,
              installer_filter as installers, rows_in_file as packages, min_downloads_in_file as smallest_downloads,
              sum_downloads_in_file as all_downloads, commit_date as available_at, source_commit
       from '{facts}/recent/top_pypi_thresholds_2026.csv' order by window_end_date""",
    ("min(window_start_date)", DAY_AFTER.format("window_end_date")),
    None,
    "none stated",
    FORK,
    "the published lists of 2026-04 to 2026-06: window, length, smallest count and sum",
    SHIPPED_AT,
)

RECENT = (
    STACKOVERFLOW,
    HN_HIRING,
    BEST_OF_SNAPSHOTS,
    BEST_OF_TRUST,
    REPOSTORY,
    MLPERF,
    CONDA_FORGE,
    TOP_WINDOWS,
    TOP_SNAPSHOTS,
)
