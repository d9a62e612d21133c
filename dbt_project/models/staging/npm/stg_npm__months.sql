-- Downloads of JavaScript builds by calendar month. A month counts only if each of its days has downloads: where the
-- publisher's counter stood, the sum would be too small.
with

    whole as (select * from {{ current_rows("npm", "months") }} as source where days_held = day(last_day(month_date))),

    observations as (
        select
            'npm_downloads' as metric_id,
            'npm' as source_id,
            package as external_name,
            'all' as segment,
            'all_installers' as basis,
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
