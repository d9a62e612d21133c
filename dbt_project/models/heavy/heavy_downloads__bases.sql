-- Downloads of every package by way of counting, and how many of them a build system marked as its own. `days_held` is
-- on how many days of the month the log has any download.
with

    counted as (select * from {{ ref("heavy_downloads__months") }} where {{ is_counted_now("log_month") }}),

    by_installer as ({{ rows_by_installer_basis("counted") }}),

    by_basis as (
        select log_month, month_date, package, basis, automation, downloads, log_rows, least_downloads
        from by_installer
        union all
        select
            log_month,
            month_date,
            package,
            'artifacts_only' as basis,
            automation,
            artifact_downloads as downloads,
            log_rows,
            least_downloads
        from counted
        where artifact_downloads <> 0
    ),

    held as (
        select log_month, cast(bit_count(bit_or(days)) as int) as days_held
        from counted
        where month_date = log_month
        group by log_month
    ),

    summed as (
        select
            log_month,
            month_date,
            package,
            basis,
            cast(sum(downloads) as bigint) as downloads,
            cast(sum(case when automation = 'marked' then downloads else 0 end) as bigint) as marked_downloads,
            cast(sum(log_rows) as bigint) as log_rows,
            cast(min(least_downloads) as bigint) as least_downloads
        from by_basis
        group by 1, 2, 3, 4
    )

select
    summed.month_date,
    summed.package,
    summed.basis,
    summed.downloads,
    summed.marked_downloads,
    summed.log_rows,
    summed.least_downloads,
    coalesce(held.days_held, 0) as days_held,
    summed.log_month
from summed
left join held on summed.log_month = held.log_month
