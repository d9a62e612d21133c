-- Downloads by calendar month and way of counting. A month counts only if the publisher holds each of its days: where
-- its import stalled, days are missing, and the sum would be too small.
with

    whole as (
        select * from {{ current_rows("clickpy", "downloads") }} as source where days_held = day(last_day(month_date))
    ),

    by_basis as ({{ rows_by_installer_basis("whole") }}),

    observations as (
        select
            'pypi_downloads' as metric_id,
            'clickpy' as source_id,
            project as external_name,
            'all' as segment,
            basis,
            month_date as period_start,
            (month_date + interval 1 month)::date as period_end,
            sum(downloads) as value,
            extract_id,
            landed_at,
            available_at
        from by_basis
        group by all
    ),

    final as ({{ select_observations("observations") }})

select *
from final
