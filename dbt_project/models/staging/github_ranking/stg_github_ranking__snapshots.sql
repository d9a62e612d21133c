-- Stars and forks on the days on which a repository was listed. The dated file was public on that day.
with

    source as (
        select *
        from
            {{
                current_rows(
                    "github_ranking",
                    "snapshots",
                    available_at="snapshot_date::timestamp",
                    key="snapshot_date, repository",
                )
            }}
    ),

    long as (
        select 'github_stars' as metric_id, stars as value, *
        from source
        union all
        select 'github_forks' as metric_id, forks as value, *
        from source
    ),

    observations as (
        select
            metric_id,
            'github_ranking' as source_id,
            repository as external_name,
            'all' as segment,
            'total' as basis,
            snapshot_date as period_start,
            snapshot_date + 1 as period_end,
            value,
            extract_id,
            landed_at,
            available_at
        from long
    ),

    final as ({{ select_observations("observations") }})

select *
from final
