-- Stars as they were given, by month, those withdrawn since included. Additions are never survivors. A month in which
-- fewer were given than are still there cannot be: the archive holds a part of it, and the month is not known.
with

    source as (select * from {{ current_rows("gharchive", "months") }}),

    survivors as (
        select repository_id, month_date, max(stars) as stars
        from {{ current_rows("github_stargazers", "months") }}
        group by all
    ),

    observations as (
        select
            'github_new_stars' as metric_id,
            'gharchive' as source_id,
            source.repository as external_name,
            'all' as segment,
            'additions' as basis,
            source.month_date as period_start,
            (source.month_date + interval 1 month)::date as period_end,
            source.stars as value,
            source.extract_id,
            source.landed_at,
            source.available_at
        from source
        left join survivors using (repository_id, month_date)
        where survivors.stars is null or source.stars >= survivors.stars
    ),

    final as ({{ select_observations("observations") }})

select *
from final
