-- Stars that are still there, by the month in which they were given. Survivors are never additions.
with

    source as (select * from {{ current_rows("github_stargazers", "months") }}),

    observations as (
        select
            'github_new_stars' as metric_id,
            'github_stargazers' as source_id,
            repository as external_name,
            'all' as segment,
            'survivors' as basis,
            month_date as period_start,
            (month_date + interval 1 month)::date as period_end,
            stars as value,
            extract_id,
            landed_at,
            available_at
        from source
    ),

    final as ({{ select_observations("observations") }})

select *
from final
