-- Models on the hub by the month in which they were created: those that are still there, under the tags they have now.
with

    source as (select * from {{ current_rows("hugging_face", "months") }}),

    observations as (
        select
            'hub_models' as metric_id,
            'hugging_face' as source_id,
            library as external_name,
            'all' as segment,
            'survivors' as basis,
            month_date as period_start,
            (month_date + interval 1 month)::date as period_end,
            models as value,
            extract_id,
            landed_at,
            available_at
        from source
    ),

    final as ({{ select_observations("observations") }})

select *
from final
