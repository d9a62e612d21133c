-- Which of two is ahead, metric by metric? Both counted in the same way: the one the catalog prefers of those that
-- hold both. Of a stock what each gained in the year is compared, not its total. Where no way holds both, the row says
-- not known, and why; where bounds overlap, cannot be said. Metrics are not weighed together; market context has a row
-- only where both are markets.
--
-- a: an id or label of meta.entities
-- b: another
-- year: a calendar year
-- returns: one row per metric, in the catalog's order (per part, of a metric that has parts only); ahead is a's or b's id, level, cannot be said or not known
-- example: from compare({focus}, {benchmark}, {year})
create macro compare(a, b, year) as table
with

asked as (
    select entity_named(a) as first_entity, entity_named(b) as second_entity, year_named(year) as year
),

placed as (
    select yoy.*
    from marts.fct_adoption_yoy as yoy
    inner join asked using (year)
    inner join marts.dim_metrics as metrics using (metric_id)
    where yoy.ranking_low is not null and (yoy.segment = 'all' or metrics.has_parts_only)
),

pairs as (
    select metric_id, source_id, basis, segment, one, other, ways.preference
    from asked
    inner join placed as one on one.entity_type = asked.first_entity.entity_type and one.entity_id = asked.first_entity.entity_id
    inner join placed as other using (metric_id, source_id, basis, segment)
    inner join meta.metric_sources as ways using (metric_id, source_id, basis)
    where other.entity_type = asked.second_entity.entity_type and other.entity_id = asked.second_entity.entity_id and ways.is_preferable
    qualify row_number() over (partition by metric_id, segment order by ways.preference) = 1
),

states as (
    select coverage.metric_id, coverage.entity_type, coverage.entity_id, string_agg(distinct coverage.state, ', ' order by coverage.state) as states
    from asked
    inner join marts.fct_coverage as coverage using (year)
    group by all
)

select
    asked.year,
    metrics.metric_id,
    metrics.label,
    metrics.channel,
    pairs.segment,
    case
        when pairs.metric_id is null then 'not known'
        -- of two that gained nothing none is ahead
        when metrics.kind = 'stock' and greatest(pairs.one.ranking_high, pairs.other.ranking_high) <= 0 then 'cannot be said'
        when pairs.one.ranking_low > pairs.other.ranking_high then asked.first_entity.entity_id
        when pairs.other.ranking_low > pairs.one.ranking_high then asked.second_entity.entity_id
        when pairs.one.ranking_low = pairs.one.ranking_high and pairs.other.ranking_low = pairs.other.ranking_high then 'level'
        else 'cannot be said'
    end as ahead,
    pairs.one.standing_value as a_value,
    case when metrics.kind = 'stock' then pairs.one.net_additions_low else pairs.one.low end as a_low,
    case when metrics.kind = 'stock' then pairs.one.net_additions_high else pairs.one.high end as a_high,
    pairs.other.standing_value as b_value,
    case when metrics.kind = 'stock' then pairs.other.net_additions_low else pairs.other.low end as b_low,
    case when metrics.kind = 'stock' then pairs.other.net_additions_high else pairs.other.high end as b_high,
    metrics.unit,
    pairs.one.interval_kind,
    case
        when metrics.kind <> 'stock' or least(pairs.one.standing_value, pairs.other.standing_value) > 0
            then pairs.one.standing_value / nullif(pairs.other.standing_value, 0)
    end as ratio,
    pairs.one.yoy_pct as a_yoy_pct,
    pairs.other.yoy_pct as b_yoy_pct,
    pairs.one.yoy_change as a_yoy_change,
    pairs.other.yoy_change as b_yoy_change,
    pairs.source_id,
    pairs.basis,
    greatest(pairs.one.grade, pairs.other.grade) as grade,
    nullif(
        concat_ws(
            '; ', pairs.one.grade_reason,
            case when pairs.other.grade_reason is distinct from pairs.one.grade_reason then pairs.other.grade_reason end
        ), ''
    ) as grade_reason,
    case
        when pairs.metric_id is null
            then 'not held for both in one way of counting; '
            || asked.first_entity.entity_id || ': ' || coalesce(one.states, 'no source covers it') || '; '
            || asked.second_entity.entity_id || ': ' || coalesce(other.states, 'no source covers it')
    end as not_known_reason,
    metrics.caveats
from asked
cross join marts.dim_metrics as metrics
left join pairs on metrics.metric_id = pairs.metric_id
left join states as one
    on metrics.metric_id = one.metric_id and asked.first_entity.entity_type = one.entity_type and asked.first_entity.entity_id = one.entity_id
left join states as other
    on metrics.metric_id = other.metric_id and asked.second_entity.entity_type = other.entity_type and asked.second_entity.entity_id = other.entity_id
where metrics.channel <> 'context' or pairs.metric_id is not null
order by metrics.position, pairs.segment
