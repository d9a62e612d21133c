-- Stars as they were given, by month, those withdrawn since included. Additions are never survivors.
with

source as (
    select * from {{ current_rows('gharchive', 'months') }}
),

observations as (
    select
        'github_new_stars' as metric_id,
        'gharchive' as source_id,
        repository as external_name,
        'all' as segment,
        'additions' as basis,
        month_date as period_start,
        (month_date + interval 1 month)::date as period_end,
        stars as value,
        extract_id,
        landed_at,
        available_at
    from source
),

final as (
    {{ select_observations('observations') }}
)

select * from final
