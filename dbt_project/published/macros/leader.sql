-- Who leads? Every contender in a metric and year, ranked among those counted in the same way: the way of counting
-- that ranks most contenders, and of several the one the catalog prefers. A stock is ranked by what it gained in the
-- year, not by its total. Overlapping bounds share ranks.
--
-- metric: an id or label of meta.metrics
-- year: a calendar year
-- returns: one row per contender (and part, of a metric that has parts only); standing is leads, may lead, behind or not known
-- example: from leader({metric}, {year})
create macro leader(metric, year) as table
with

asked as (
    select metric_named(metric) as metric_id, year_named(year) as year
),

counted as (
    select yoy.*, ways.preference
    from asked
    inner join marts.fct_adoption_yoy as yoy using (metric_id, year)
    inner join marts.dim_metrics as metrics using (metric_id)
    inner join meta.metric_sources as ways using (metric_id, source_id, basis)
    where yoy.entity_type = 'contender' and ways.is_preferable and (yoy.segment = 'all' or metrics.has_parts_only)
),

segments as (
    select distinct asked.metric_id, asked.year, coalesce(counted.segment, 'all') as segment
    from asked
    left join counted using (metric_id, year)
),

ways as (
    select counted.segment, counted.source_id, counted.basis
    from counted
    where counted.rank_low is not null
    qualify row_number() over (partition by counted.segment order by counted.contenders_ranked desc, counted.preference) = 1
),

ranked as (
    select counted.* from counted inner join ways using (segment, source_id, basis) where counted.rank_low is not null
)

select
    segments.year,
    segments.metric_id,
    segments.segment,
    case
        when ranked.rank_low is null then 'not known'
        when ranked.rank_high = 1 then 'leads'
        when ranked.rank_low = 1 then 'may lead'
        else 'behind'
    end as standing,
    ranked.rank_low,
    ranked.rank_high,
    ranked.contenders_ranked,
    entities.entity_id,
    entities.label,
    ranked.standing_value as value,
    case when ranked.kind = 'stock' then ranked.net_additions_low else ranked.low end as low,
    case when ranked.kind = 'stock' then ranked.net_additions_high else ranked.high end as high,
    ranked.interval_kind,
    ranked.unit,
    ranked.source_id,
    ranked.basis,
    ranked.grade,
    ranked.grade_reason
from segments
cross join meta.entities as entities
left join ranked on segments.segment = ranked.segment and entities.entity_id = ranked.entity_id
where entities.entity_type = 'contender'
order by segments.segment, ranked.rank_low, ranked.rank_high, entities.entity_id
