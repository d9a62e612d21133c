-- Which of several ways of counting reports use, chosen per metric, entity, segment and pair of years: first what is
-- comparable, then what is complete, then the catalog's order. A direction is said only if every comparable basis of
-- the preferred source moves the same way.
with

pairs as (
    select pairs.*, ways.preference, coalesce(ways.is_preferable, false) as is_preferable
    from {{ ref('int_yoy__pairs') }} as pairs
    left join {{ source('catalog', 'metric_sources') }} as ways using (metric_id, source_id, basis)
),

ranked as (
    select
        series_id, year, metric_id, source_id, entity_type, entity_id, segment, is_comparable,
        row_number() over (
            partition by metric_id, entity_type, entity_id, segment, year
            order by is_comparable desc, is_complete desc, preference
        ) = 1 as is_preferred
    from pairs
    where is_preferable
),

moves as (
    select * from {{ ref('int_yoy__moves') }} where is_preferable
),

directions as (
    select
        metric_id, source_id, entity_type, entity_id, segment, year,
        case
            when count(move) < count(*) or min(move) <> max(move) then 'cannot be said'
            when min(move) = 1 then 'up'
            when min(move) = -1 then 'down'
            else 'flat'
        end as direction
    from moves
    group by all
),

final as (
    select
        ranked.series_id,
        ranked.year,
        ranked.is_preferred,
        if(ranked.is_comparable, directions.direction, 'cannot be said') as direction
    from ranked
    left join directions using (metric_id, source_id, entity_type, entity_id, segment, year)
)

select * from final
