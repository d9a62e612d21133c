-- Downloads by calendar month and way of counting, of months of which the log has every day.
with

    whole as (
        select * from {{ current_rows("raw_log", "months") }} as source where days_held = day(last_day(month_date))
    ),

    observations as (
        select
            'pypi_downloads' as metric_id,
            'raw_log' as source_id,
            project as external_name,
            'all' as segment,
            basis,
            month_date as period_start,
            (month_date + interval 1 month)::date as period_end,
            downloads as value,
            extract_id,
            landed_at,
            available_at
        from whole
    ),

    final as ({{ select_observations("observations") }})

select *
from final
