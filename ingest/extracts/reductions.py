"""The shipped files that one query each makes of the public figures."""

from __future__ import annotations

from ingest.extracts.recent_reductions import PUBLISHED, RECENT
from ingest.extracts.reduction import DAY_AFTER, Reduction
from ingest.sources.indeed import monthly_means

# The publisher's later windows are labelled a day early at their start; their length is right.
WINDOW_COLUMNS = """package, window_end::date - window_days::int + 1 as window_start_date,
       window_end as window_end_date, window_days, downloads, installer_filter as installers"""
TOP = {"repository": "hugovk/top-pypi-packages", "commit": "each row names its own", "path": "top-pypi-packages*.json"}
COMMIT_DATES = """(select source_commit, series, min(commit_date) as released
       from '{facts}/pypi/snapshot_thresholds.csv' group by all)"""

REDUCTIONS = (
    *(
        Reduction(
            "top_pypi_packages",
            "windows",
            f"windows_{series}.csv",
            f"""select {WINDOW_COLUMNS}, released as available_at, source_commit
                from '{{facts}}/pypi/windows_{series}.csv'
                join {COMMIT_DATES} using (source_commit) where series = '{series}'
                order by package, window_end_date, available_at""",
            ("min(window_start_date)", DAY_AFTER.format("window_end_date")),
            "select distinct package from '{facts}/pypi/windows_*.csv' order by 1",
            "none stated",
            TOP,
            f"all windows of {series} of the packages named in scope.terms, as published; window_start_date is "
            "window_end_date - window_days + 1",
        )
        for series in ("30d", "365d")
    ),
    Reduction(
        "top_pypi_packages",
        "snapshots",
        "snapshots.csv",
        """select window_end::date - effective_days::int + 1 as window_start_date, window_end as window_end_date,
                  effective_days as window_days, installer_filter as installers, rows_in_file as packages,
                  min_downloads_in_file as smallest_downloads,
                  sum_downloads_in_file as all_downloads, commit_date as available_at, source_commit
           from '{facts}/pypi/snapshot_thresholds.csv' order by window_days, window_end_date, available_at""",
        ("min(window_start_date)", DAY_AFTER.format("window_end_date")),
        None,
        "none stated",
        TOP,
        "every published list: its window, length, smallest count and sum",
    ),
    Reduction(
        "top_pypi_packages",
        "year_totals",
        "year_totals.csv",
        f"""with windows as (
              select distinct package, window_end::date - window_days::int + 1 as first_day,
                     window_end::date as last_day, window_days, downloads, installer_filter, series, released
              from '{{facts}}/pypi/all_packages_windows.parquet' join {COMMIT_DATES} using (source_commit, series)
            ), years as (
              select package, first_day as window_start_date, last_day as window_end_date, downloads,
                     installer_filter as installers, 0 as months, released as available_at
              from windows
              where series = '365d'
                and abs(first_day - make_date(year(first_day + 4), 1, 1)) <= 3
                and abs(last_day + 1 - make_date(year(first_day + 4) + 1, 1, 1)) <= 3
            ), months as (
              select package, date_trunc('month', last_day)::date as month, installer_filter,
                     (downloads * day(last_day(last_day)))::decimal(24, 6) / window_days as downloads, released
              from windows where series = '30d' and last_day(last_day) - last_day <= 3
              qualify row_number() over (partition by package, month, installer_filter order by last_day desc) = 1
            ), estimated as (
              select package, min(month) as window_start_date, last_day(max(month)) as window_end_date,
                     round(sum(downloads::decimal(24, 6)))::bigint as downloads,
                     installer_filter as installers, 12 as months, max(released) as available_at
              from months where year(month) >= 2022 group by package, year(month), installer_filter
              having count(*) = 12
            )
            select package, window_start_date, window_end_date, downloads, installers, months, available_at
            from (from years union all from estimated)
            order by window_end_date, months, package""",
        ("min(window_start_date)", DAY_AFTER.format("window_end_date")),
        None,
        "none stated",
        TOP,
        "every package of every list: the 365-day window with each edge within three days of a calendar year, or, "
        "from 2022, the sum of twelve months, each estimated as downloads x days in month / window_days of the "
        "window of one installer filter that ends within 3 days of the month's end",
    ),
    Reduction(
        "top_pypi_packages",
        "common_months",
        "common_months.csv",
        f"""with listed as (
              from '{{facts}}/pypi/all_packages_windows.parquet' join {COMMIT_DATES} using (source_commit, series)
              union all by name
              from '{{facts}}/recent/top_pypi_all_packages_2026.parquet' join {PUBLISHED} using (source_commit)
            ), windows as (
              select package, window_end::date + 1 as end_day, window_days, downloads, installer_filter as installers,
                     released, date_trunc('month', end_day + 3)::date as boundary,
                     (boundary - interval 1 month)::date as month
              from listed
              where series = '30d' and window_days <= 31
            ), months as (
              select package, month, installers, released,
                     (downloads * day(last_day(month)))::decimal(24, 6) / window_days as downloads
              from windows
              where abs(boundary - end_day) <= 3 and month >= '2021-04-01'
              qualify row_number() over (
                partition by package, month, installers
                order by window_days = day(last_day(month)) and end_day = boundary desc, abs(boundary - end_day),
                         end_day desc, released desc
              ) = 1
            ), lists as (
              select distinct installers, year(month) as year, month(month) as number from months
            ), spans as (
              select installers, later.year, list_sort(list(number)) as numbers
              from lists as later inner join lists as earlier using (installers, number)
              where later.year = earlier.year + 1
              group by all having count(*) between 3 and 11
            ), totals as (
              select spans.installers, spans.year, year(month) as counted_year, package, numbers,
                     round(sum(downloads::decimal(24, 6)))::bigint as downloads, max(released) as released
              from spans inner join months
                on spans.installers = months.installers and year(month) in (spans.year, spans.year - 1)
                and list_contains(numbers, month(month))
              group by all having count(*) = len(numbers)
            ), later as (
              select *, min(downloads) over (partition by installers, year) as smallest
              from totals where counted_year = year
            ), edges as (
              select distinct installers, year, smallest, max(released) over (partition by installers, year) as released
              from later
            )
            select earlier.package, earlier.year, array_to_string(earlier.numbers, ' ') as months, earlier.installers,
                   earlier.downloads as prior_downloads, coalesce(later.downloads, 0) as downloads,
                   edges.smallest as smallest_downloads,
                   edges.released as available_at
            from totals as earlier
            inner join edges on earlier.installers = edges.installers and earlier.year = edges.year
            left join later on earlier.installers = later.installers and earlier.year = later.year
              and earlier.package = later.package
            where earlier.counted_year = earlier.year - 1 and earlier.downloads >= edges.smallest
            order by earlier.installers, earlier.year, earlier.package""",
        ("make_date(min(year)::int - 1, 1, 1)", "make_date(max(year)::int + 1, 1, 1)"),
        None,
        "none stated",
        TOP,
        "for every year and installer filter of which three to eleven months are listed in it and in the year before, "
        "the packages whose sum over these months of the year before is at least the smallest such sum of the year: "
        "both sums, the later one 0 where a package fell out of a list. A month is estimated as downloads x days in "
        "month / window_days of the window that ends nearest to its end, at most 3 days off; months before 2021-04, "
        "when the log was moved, are left out",
    ),
    Reduction(
        "pypi_tools",
        "months",
        "months.csv",
        """select package, strptime(month, '%Y-%m')::date as month_date, downloads,
                  split_part(source_format, ':', 1) as source_format, null as available_at, source_commit
           from read_csv('{facts}/pypi/calendar_month_pypi_tools.csv', types={{'month': 'VARCHAR'}})
           order by package, month_date""",
        ("min(month_date)", "(max(month_date)::date + interval 1 month)::date"),
        "select distinct package from result order by 1",
        "none stated",
        {"repository": "hugovk/pypi-tools", "commit": "each row names its own", "path": "data/*.json"},
        "all months of the packages named in scope.terms; when each file was committed is not known",
    ),
    Reduction(
        "github_ranking",
        "snapshots",
        "month_edges.csv",
        """select snapshot_date, full_name as repository, stars, forks
           from '{facts}/github/stars_forks_daily.csv'
           window edge as (partition by full_name, date_trunc('month', snapshot_date))
           qualify snapshot_date in (max(snapshot_date) over edge, min(snapshot_date) over edge)
           order by repository, snapshot_date""",
        ("min(snapshot_date)", DAY_AFTER.format("snapshot_date")),
        "select distinct repository from result order by 1",
        "MIT",
        {
            "repository": "EvanLi/Github-Ranking",
            "commit": "1f3e1701525143b5ac563105153e380610d1ad53",
            "path": "Data/github-ranking-*.csv",
        },
        "of each repository named in scope.terms the first and the last daily snapshot of every month",
    ),
    Reduction(
        "stackoverflow_survey",
        "options",
        "options.csv",
        """select year as edition, option_raw as option_label, respondents_using as respondents,
                  respondents_answering as answering, respondents_total as all_respondents, evidence
           from '{facts}/surveys/framework_counts.csv' where survey = 'stackoverflow' order by edition, option_label""",
        ("min(make_date(edition, 1, 1))", "make_date(max(edition)::int + 1, 1, 1)"),
        None,
        "ODbL 1.0",
        {
            "repository": "RitikaSingaravelou/JobRecommendationSystem (2018), "
            "PeterSchuld/StackOverflowDeveloperSurvey (2020)",
            "commit": "d0bce8d77bbb87292204bcd980564fa67510161a, 5379153ec2c91288a14ca91b93fd2acbd7e8c244",
            "path": "counts of the published respondent files",
        },
        "respondents by option of the technology question, 2018 and 2020; the editions between are not available",
    ),
    Reduction(
        "stackoverflow_survey",
        "unions",
        "unions.csv",
        """with unions as (
             select year as edition, respondents_low, respondents_high, respondents_answering as answering, evidence,
                    string_split(regexp_replace(definition, ' \\(.*', ''), ' OR ') as option_labels
             from '{facts}/surveys/unions.csv'
             where survey = 'stackoverflow' and definition like '% OR %' and definition not like '%AND%'
               and evidence in ('interval_decoded_from_corr_heatmap', 'interval_from_printed_label')
           )
           select edition, array_to_string(option_labels, '|') as option_labels, respondents_low, respondents_high,
                  answering, if(evidence like '%decoded%', 'decoded', 'printed_label') as narrowed_by, evidence
           from unions order by edition, narrowed_by""",
        ("min(make_date(edition, 1, 1))", "make_date(max(edition)::int + 1, 1, 1)"),
        None,
        "ODbL 1.0",
        {
            "repository": "PeterSchuld/StackOverflowDeveloperSurvey",
            "commit": "5379153ec2c91288a14ca91b93fd2acbd7e8c244",
            "path": "correlation matrix printed in a notebook",
        },
        "bounds on a union of options: decoded from the colours of a published correlation matrix, and from the "
        "rounded label printed in it",
    ),
    Reduction(
        "git_history",
        "months",
        "months.csv",
        """select project as repository, strptime(month, '%Y-%m')::date as month_date, commits as all_commits,
                  commits_first_parent as first_parent_commits, source_commit as head_commit
           from read_csv('{facts}/github/monthly_commits.csv', types={{'month': 'VARCHAR'}})
           where date_basis = 'committer_utc' order by repository, month_date""",
        ("min(month_date)", "(max(month_date)::date + interval 1 month)::date"),
        "select distinct repository from result order by 1",
        "none stated",
        {"repository": "each row names its own", "commit": "head_commit of each row", "path": "git history"},
        "commits by committer date (UTC) of each repository's history; other dates and counts of authors left out",
    ),
    Reduction(
        "awesome_python",
        "snapshots",
        "snapshots.csv",
        """select snapshot_at::date as snapshot_date, full_name as repository, watchers, snapshot_at as available_at,
                  source_commit
           from '{facts}/github/watchers_snapshots.csv'
           qualify row_number() over (partition by repository, snapshot_date order by snapshot_at desc) = 1
           order by repository, snapshot_date""",
        ("min(snapshot_date)", DAY_AFTER.format("snapshot_date")),
        "select distinct repository from result order by 1",
        "MIT",
        {"repository": "dylanhogg/awesome-python", "commit": "each row names its own", "path": "github_data.csv"},
        "watchers only; of several snapshots of a day the last",
    ),
    Reduction(
        "stackoverflow_trends",
        "months",
        "months.csv",
        """select tag, strptime(month, '%Y-%m')::date as month_date, questions, snapshot_committed_at as available_at,
                  source_commit
           from read_csv('{facts}/community/stackoverflow_questions_monthly.csv', types={{'month': 'VARCHAR'}})
           order by tag, month_date""",
        ("min(month_date)", "(max(month_date)::date + interval 1 month)::date"),
        "select distinct tag from result order by 1",
        "none stated",
        {
            "repository": "nschloe/stackoverflow-trends",
            "commit": "each row names its own",
            "path": "plots/machine-learning.svg",
        },
        "questions by month, read from the vector plot (whole numbers recovered)",
    ),
    Reduction(
        "hiring_trends",
        "months",
        "months.csv",
        """select strptime(month, '%Y-%m')::date as month_date, term, count as posts, num_comments as all_posts,
                  source_commit
           from read_csv('{facts}/jobs/hn_who_is_hiring_monthly.csv', types={{'month': 'VARCHAR'}})
           order by term, month_date""",
        ("min(month_date)", "(max(month_date)::date + interval 1 month)::date"),
        "select distinct term from result order by 1",
        "MIT",
        {"repository": "imsky/hiringtrends", "commit": "each row names its own", "path": "web/data/data-20240501.js"},
        "all months and terms; the denominator is the publisher's num_comments",
    ),
    Reduction(
        "indeed",
        "ai_share",
        "ai_share.csv",
        monthly_means(
            "select date, country, ai_share_pct as figure from '{facts}/jobs/indeed_ai_share_daily.csv'",
            "mean_share_pct",
        ),
        ("min(first_date)", DAY_AFTER.format("last_date")),
        "select distinct country from result order by 1",
        "CC BY 4.0",
        {"repository": "hiring-lab/ai-tracker", "commit": "not recorded", "path": "daily share of AI postings"},
        "mean over the days of each month; first_date and last_date say which days the month has",
    ),
    Reduction(
        "indeed",
        "software_index",
        "software_index.csv",
        monthly_means(
            """select date, country, indeed_job_postings_index as figure
               from '{facts}/jobs/indeed_software_development_daily.csv' where variable = 'total postings'""",
            "mean_index",
        ),
        ("min(first_date)", DAY_AFTER.format("last_date")),
        "select distinct country from result order by 1",
        "CC BY 4.0",
        {
            "repository": "hiring-lab/job_postings_tracker",
            "commit": "one per country, 2024 to 2025",
            "path": "*/job_postings_by_sector_*.csv",
        },
        "total postings in software development, mean over the days of each month",
    ),
    Reduction(
        "conference_papers",
        "editions",
        "editions.csv",
        """unpivot (
             select conference, strptime(event_month, '%Y-%m')::date as month_date, papers_total as all_papers,
                    columns('papers_.*_only')
             from read_csv('{facts}/papers/conference_framework_mentions.csv', types={{'event_month': 'VARCHAR'}})
           ) on columns('papers_.*_only') into name family value papers
           order by conference, month_date, family""",
        ("min(month_date)", "(max(month_date)::date + interval 1 month)::date"),
        None,
        "none stated",
        {
            "repository": "= any_value(source_repo) from '{facts}/papers/conference_framework_mentions.csv'",
            "commit": "= any_value(source_commit) from '{facts}/papers/conference_framework_mentions.csv'",
            "path": "data_analysis/data.csv",
        },
        "one row per edition and family; papers that name both families are in neither",
    ),
    *RECENT,
)
