-- Stars, forks, repositories that depend on it, contributors and pulls of its image, on the days of the snapshots.
with

    accepted as (select * from {{ ref("stg_best_of_ml_python__accepted") }}),

    meanings as (
        select *
        from
            (
                values
                    ('star_count', 'github_stars'),
                    ('fork_count', 'github_forks'),
                    ('github_dependent_project_count', 'github_dependents'),
                    ('contributor_count', 'github_contributors'),
                    ('dockerhub_pulls', 'docker_pulls')
            ) as meanings(field, metric_id)
    ),

    observations as (
        select
            meanings.metric_id,
            'best_of_ml_python' as source_id,
            accepted.project as external_name,
            'all' as segment,
            'total' as basis,
            accepted.snapshot_date as period_start,
            accepted.snapshot_date + 1 as period_end,
            accepted.value,
            accepted.extract_id,
            accepted.landed_at,
            accepted.available_at
        from accepted
        inner join meanings on accepted.field = meanings.field
    ),

    final as ({{ select_observations("observations") }})

select *
from final
