-- Every contender, metric and year in one row: the figure of the year by the way of counting that is best for its
-- level, and its change by the way that is best for a change. Start here. All ways of counting are in
-- marts.fct_adoption_yoy.
--
-- entity_id: Identity of the contender; see main.frameworks.
-- entity: What people call it.
-- metric_id: Identity of the metric; see main.metrics.
-- metric: What people call it.
-- part: The part that the row speaks of, such as a conference; all where the metric has a whole.
-- year: Calendar year.
-- value: What was counted in the year, or added to a stock; null where only bounds are known, and of shares and rates.
-- months: How many rows of main.monthly add up to value; null where it was not formed from months. Compare 12 with 12.
-- formed: How the year was formed: a sum of months, a window of about a year, additions between year ends, an edition.
-- level: Of a stock the total at the end of the year, of a rate or an index its figure: never added up.
-- share_pct: Of a share the percentage: never added up.
-- low: At least this, of value, level or share_pct; null where it is a plain count.
-- high: At most this.
-- unit: Unit of the figure.
-- is_complete: Whether the whole year is available.
-- change_pct: Change from the year before in percent; of what was added, for a stock. Null where why_not says why.
-- change_points: Change of a share, in percentage points.
-- compared_on: What the change rests on: year, common months (of both years), or lower bound (at least change_pct).
-- periods_compared: How many months of both years are compared; null for editions, stocks and lower bounds.
-- change_basis: The way of counting of the change, as source: basis.
-- baseline_growth_pct: Growth in percent of the median package of the same source, basis and months.
-- percentile: Share of packages that grew no more, in percent.
-- direction: up, down, flat, inconclusive, not comparable or no data; of a stock: of what it gained.
-- pace: Of a stock: faster, slower or steady than the year before, or inconclusive.
-- grade: A to D: how far the figure can be trusted; meta.grades says what each means.
-- change_grade: The same of the change.
-- why_not: Why there is no change: the rules that forbid it, or that only bounds are known.
-- source: Who published the figure.
-- source_id: Identity of the source; see main.sources.
-- basis: How it was counted.
-- licence: Under which licence the figure stands.
with

    levels as (
        select yoy.*
        from marts.fct_adoption_yoy as yoy
        inner join marts.dim_metrics as metrics using (metric_id)
        where
            yoy.entity_type = 'contender' and yoy.is_preferred_level and (yoy.segment = 'all' or metrics.has_parts_only)
    ),

    changes as (select * from marts.fct_adoption_yoy where entity_type = 'contender' and is_preferred),

    months as (select series_id, year, count(*)::integer as months from monthly where value is not null group by all),

    licences as (select extracts.extract_id, extracts.licence from meta.extracts as extracts)

select
    levels.entity_id,
    entities.label as entity,
    levels.metric_id,
    metrics.label as metric,
    levels.segment as part,
    levels.year,
    case levels.kind when 'flow' then levels.value when 'stock' then levels.net_additions end as value,
    if(
        levels.kind = 'stock' or levels.method in ('twelve_exact_months', 'estimated_months', 'incomplete'),
        months.months,
        null
    ) as months,
    case
        when levels.kind = 'stock'
        then 'additions between year ends'
        when levels.method in ('twelve_exact_months', 'estimated_months', 'incomplete') and levels.kind = 'flow'
        then 'sum of months'
        when levels.method in ('twelve_exact_months', 'estimated_months', 'incomplete')
        then 'months together'
        when levels.method = 'exact_year'
        then 'one window: the year'
        when levels.method = 'near_calendar_window'
        then 'one window within three days of the year'
        else levels.method
    end as formed,
    if(levels.kind in ('stock', 'rate', 'index'), levels.value, null) as level,
    if(levels.kind = 'share', levels.value, null) as share_pct,
    if(levels.kind = 'stock', levels.net_additions_low, levels.low) as low,
    if(levels.kind = 'stock', levels.net_additions_high, levels.high) as high,
    levels.unit,
    levels.is_complete,
    case
        when changes.kind = 'share'
        then null
        when changes.kind = 'stock'
        then changes.net_additions_pct
        when changes.compared_on = 'year'
        then changes.yoy_pct
        when changes.compared_on = 'common months'
        then changes.yoy_common_pct
        when changes.compared_on = 'lower bound'
        then changes.yoy_at_least_pct
    end as change_pct,
    if(changes.kind = 'share', changes.yoy_change, null) as change_points,
    changes.compared_on,
    changes.periods_compared,
    changed_by.label || ': ' || replace(changes.basis, '_', ' ') as change_basis,
    changes.baseline_growth_pct,
    changes.growth_percentile as percentile,
    changes.direction,
    changes.pace,
    levels.grade,
    changes.change_grade,
    case
        when changes.compared_on is null
        then changes.not_comparable_reason
        when change_pct is null and change_points is null and changes.kind = 'stock'
        then 'what was added is known within bounds, or one of the years added nothing'
        when change_pct is null and change_points is null
        then 'known within bounds'
    end as why_not,
    sources.label as source,
    levels.source_id,
    levels.basis,
    coalesce(
        (
            select string_agg(distinct licences.licence, '; ' order by licences.licence)
            from licences
            where list_contains(levels.extract_ids, licences.extract_id)
        ),
        sources.licence
    ) as licence
from levels
inner join meta.entities as entities on entities.entity_type = 'contender' and levels.entity_id = entities.entity_id
inner join marts.dim_metrics as metrics using (metric_id)
inner join meta.sources as sources on levels.source_id = sources.source_id
left join
    changes
    on levels.metric_id = changes.metric_id
    and levels.entity_id = changes.entity_id
    and levels.segment = changes.segment
    and levels.year = changes.year
left join meta.sources as changed_by on changes.source_id = changed_by.source_id
left join months on levels.series_id = months.series_id and levels.year = months.year
