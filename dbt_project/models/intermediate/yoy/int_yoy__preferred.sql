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
    select
        pairs.series_id, pairs.year, pairs.metric_id, pairs.source_id, pairs.entity_type, pairs.entity_id, pairs.segment,
        case
            when pairs.kind = 'stock' then sign(additions.net_additions - additions.net_additions_prior)
            -- bounds on a union say nothing of chance, and rates are made of tiny counts
            when pairs.kind = 'rate' and changes.yoy_interval_kind = 'bound' then null
            when changes.yoy_interval_kind is null then sign(changes.yoy_change)
            when changes.yoy_low > 0 then 1
            when changes.yoy_high < 0 then -1
        end as move
    from pairs
    inner join {{ ref('int_yoy__changes') }} as changes using (series_id, year)
    left join {{ ref('int_yoy__additions') }} as additions using (series_id, year)
    where pairs.is_preferable
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
