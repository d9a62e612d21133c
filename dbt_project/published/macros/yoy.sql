-- Did it grow? Every year of an entity in a metric beside the year before, in the way of counting preferred for a
-- change: whole years, else the months that both hold, else at least so much; compared_on says which. Years of which
-- nothing is known are there too, with the reason.
--
-- entity: an id or label of meta.entities; a name that a contender and a framework share means the contender
-- metric: an id or label of meta.metrics
-- returns: one row per year; of a metric that has parts only (such as conferences), one per year and part
-- example: from yoy({focus}, {metric})
create macro yoy(entity, metric) as table
with

    named as (select entity_named(entity) as found, metric_named(metric) as metric_id),

    asked as (select found.entity_type, found.entity_id, metric_id from named),

    years as (
        select
            coverage.year,
            asked.entity_type,
            asked.entity_id,
            asked.metric_id,
            string_agg(distinct coverage.state, ', ' order by coverage.state) as states
        from asked
        left join marts.fct_coverage as coverage using (entity_type, entity_id, metric_id)
        group by all
    ),

    shown as (
        select yoy.*
        from marts.fct_adoption_yoy as yoy
        inner join marts.dim_metrics as metrics using (metric_id)
        where yoy.is_preferred and (yoy.segment = 'all' or metrics.has_parts_only)
    )

select
    years.year,
    years.entity_type,
    years.entity_id,
    years.metric_id,
    shown.segment,
    shown.prior_value,
    shown.value,
    shown.low,
    shown.high,
    shown.interval_kind,
    shown.unit,
    shown.yoy_change,
    shown.yoy_pct,
    shown.yoy_low,
    shown.yoy_high,
    shown.compared_on,
    shown.periods_compared,
    shown.common_value,
    shown.common_prior_value,
    shown.yoy_common_pct,
    shown.yoy_at_least_pct,
    coalesce(shown.direction, 'no data') as direction,
    shown.baseline_growth_pct,
    shown.growth_percentile,
    shown.baseline_packages,
    shown.baseline_fallen_out,
    shown.net_additions,
    shown.net_additions_pct,
    shown.pace,
    shown.rank_low,
    shown.rank_high,
    shown.source_id,
    shown.basis,
    shown.grade,
    shown.grade_reason,
    case
        when shown.year is null
        then coalesce('not known: ' || years.states, 'not known: no source covers it')
        else shown.not_comparable_reason
    end as not_comparable_reason
from years
left join shown using (year, entity_type, entity_id, metric_id)
order by years.year, shown.segment
