-- Watchers on the days on which a snapshot was taken.
with

    source as (
        select *
        from {{ current_rows("awesome_python", "snapshots", has_available_at=true, key="snapshot_date, repository") }}
    ),

    observations as (
        select
            'github_watchers' as metric_id,
            'awesome_python' as source_id,
            repository as external_name,
            'all' as segment,
            'total' as basis,
            snapshot_date as period_start,
            snapshot_date + 1 as period_end,
            watchers as value,
            extract_id,
            landed_at,
            available_at
        from source
    ),

    final as ({{ select_observations("observations") }})

select *
from final
