-- Monthly means of a country's postings. A month that is not whole has an earlier end.
with

    ai_share as (
        select
            'indeed_ai_share' as metric_id,
            mean_share_pct as value,
            country,
            first_date,
            last_date,
            extract_id,
            landed_at,
            available_at
        from {{ current_rows("indeed", "ai_share") }}
    ),

    software_index as (
        select
            'indeed_software_index' as metric_id,
            mean_index as value,
            country,
            first_date,
            last_date,
            extract_id,
            landed_at,
            available_at
        from {{ current_rows("indeed", "software_index") }}
    ),

    observations as (
        select
            metric_id,
            'indeed' as source_id,
            country as external_name,
            'all' as segment,
            'postings' as basis,
            first_date as period_start,
            last_date + 1 as period_end,
            value,
            extract_id,
            landed_at,
            available_at
        from
            (
                select *
                from ai_share
                union all
                select *
                from software_index
            )
    ),

    final as ({{ select_observations("observations") }})

select *
from final
