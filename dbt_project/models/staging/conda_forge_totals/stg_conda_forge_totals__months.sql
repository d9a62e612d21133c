-- Downloads of all packages of one conda channel by month.
with

    source as (
        select *
        from {{ current_rows("conda_forge_totals", "months", has_available_at=true, key="channel, month_date") }}
    ),

    observations as (
        select
            'conda_downloads' as metric_id,
            'conda_forge_totals' as source_id,
            channel as external_name,
            'all' as segment,
            'conda_forge' as basis,
            month_date as period_start,
            (month_date + interval 1 month)::date as period_end,
            downloads as value,
            extract_id,
            landed_at,
            available_at
        from source
    ),

    final as ({{ select_observations("observations") }})

select *
from final
