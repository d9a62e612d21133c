-- Questions by tag and month.
with

    source as (
        select * from {{ current_rows("stackoverflow_trends", "months", has_available_at=true, key="tag, month_date") }}
    ),

    observations as (
        select
            'stackoverflow_questions' as metric_id,
            'stackoverflow_trends' as source_id,
            tag as external_name,
            'all' as segment,
            'tagged' as basis,
            month_date as period_start,
            (month_date + interval 1 month)::date as period_end,
            questions as value,
            extract_id,
            landed_at,
            available_at
        from source
    ),

    final as ({{ select_observations("observations") }})

select *
from final
