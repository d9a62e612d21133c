-- Stars, forks and watchers on the day of the request.
with

    source as (select * from {{ current_rows("github", "snapshots") }}),

    long as (unpivot source on stars, forks, watchers into name counted value count_total),

    observations as (
        select
            'github_' || counted as metric_id,
            'github' as source_id,
            repository as external_name,
            'all' as segment,
            'total' as basis,
            snapshot_date as period_start,
            snapshot_date + 1 as period_end,
            count_total as value,
            extract_id,
            landed_at,
            available_at
        from long
    ),

    final as ({{ select_observations("observations") }})

select *
from final
