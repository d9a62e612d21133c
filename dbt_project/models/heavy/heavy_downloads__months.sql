-- A raw download log by the month of its file, the month of its rows, package, installer, and whether a build system
-- marked the download as its own. `artifact_downloads` are those of files that end in .whl, .tar.gz or .zip; `days` has
-- a bit for each day; `least_downloads` is negative only where the log is wrong.
with

    log as ({{ log_rows() }}),

    counted as (
        select
            log_month,
            {{ month_of("moment") }} as month_date,
            package,
            installer,
            is_marked,
            {{ summed_downloads() }} as downloads,
            {{ summed_downloads("is_artifact") }} as artifact_downloads,
            cast(count(*) as bigint) as log_rows,
            {{ least_downloads() }} as least_downloads,
            {{ days_mask("moment") }} as days
        from log
        group by 1, 2, 3, 4, 5
    )

select
    month_date,
    package,
    installer,
    case when is_marked then 'marked' else 'not marked' end as automation,
    downloads,
    artifact_downloads,
    log_rows,
    least_downloads,
    days,
    log_month
from counted
