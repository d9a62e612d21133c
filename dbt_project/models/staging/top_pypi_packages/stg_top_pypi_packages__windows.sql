-- Downloads by window, one basis per installer filter. A package that was asked for and is absent from a published list
-- had fewer downloads than the list's smallest count: between 0 and that count, never 0. Of a package of which a row
-- was rejected nothing is absent: the row may be the one; if it is not known whose row that was, no package is.
with

    windows as (
        select *
        from
            {{
                current_rows(
                    "top_pypi_packages",
                    "windows",
                    has_available_at=true,
                    key="package, window_start_date, window_end_date, installers",
                )
            }}
    ),

    snapshots as (select * from {{ ref("stg_top_pypi_packages__snapshots") }}),

    rejected as (
        select distinct json_extract_string(fields, '$.package') as package
        from {{ source("landing", "rejected_rows") }}
        where source_id = 'top_pypi_packages' and table_name = 'windows'
    ),

    asked as (
        select asked.*
        from
            (
                select distinct unnest(terms) as package, period_start, period_end
                from {{ ref("stg_landing__extracts") }}
                where is_current and source_id = 'top_pypi_packages' and table_name = 'windows'
            ) as asked
        anti join rejected on asked.package = coalesce(rejected.package, asked.package)
    ),

    listed as (
        select
            package,
            window_start_date,
            window_end_date,
            installers,
            downloads,
            null as high,
            extract_id,
            landed_at,
            available_at
        from windows
        qualify
            row_number() over (
                partition by package, window_start_date, window_end_date, installers, extract_id
                order by available_at desc
            )
            = 1
    ),

    -- what a list says of a package that was asked for within the list's time
    absent as (
        select distinct
            asked.package,
            snapshots.window_start_date,
            snapshots.window_end_date,
            snapshots.installers,
            null as downloads,
            snapshots.smallest_downloads as high,
            snapshots.extract_id,
            snapshots.landed_at,
            snapshots.available_at
        from snapshots
        inner join
            asked on snapshots.window_start_date >= asked.period_start and snapshots.window_end_date < asked.period_end
        anti join
            listed
            on asked.package = listed.package
            and snapshots.window_start_date = listed.window_start_date
            and snapshots.window_end_date = listed.window_end_date
            and snapshots.installers = listed.installers
    ),

    observations as (
        select
            'pypi_downloads' as metric_id,
            'top_pypi_packages' as source_id,
            package as external_name,
            'all' as segment,
            if(installers = 'pip', 'pip_only', 'all_installers') as basis,
            window_start_date as period_start,
            window_end_date + 1 as period_end,
            downloads as value,
            if(downloads is null, 0, null) as low,
            high,
            if(downloads is null, 'censoring', null) as interval_kind,
            extract_id,
            landed_at,
            available_at
        from
            (
                select *
                from listed
                union all by name
                select *
                from absent
            )
    ),

    final as ({{ select_observations("observations") }})

select *
from final
