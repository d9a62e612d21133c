-- Every contender and metric by month, in one way of counting a year: what was counted, or what was added to a stock.
-- Its sum over a year is main.yearly.value wherever that has 12 months. All ways of counting are in
-- marts.fct_adoption_monthly.
--
-- entity_id: Identity of the contender; see main.frameworks.
-- entity: What people call it.
-- metric_id: Identity of the metric; see main.metrics.
-- metric: What people call it.
-- month_date: First day of the month.
-- year: Its calendar year.
-- value: What was counted in the month, or added to a stock; null where only bounds are known, and of shares and rates.
-- level: Of a stock the total at the end of the month, of a rate or an index its figure: never added up.
-- share_pct: Of a share the percentage: never added up.
-- low: At least this, of the month's figure, or of a stock's total; null where it is a plain count.
-- high: At most this.
-- unit: Unit of the figure.
-- method: How the month was formed: exact, estimated from a window, a snapshot, or between two snapshots.
-- grade: A to D: how far the figure can be trusted.
-- source: Who published the figure.
-- source_id: Identity of the source; see main.sources.
-- basis: How it was counted.
-- licence: Under which licence the figure stands.
-- series_id: The series in marts.fct_adoption_monthly that the figure belongs to.
with

    months as (
        select *, lag(value) over series as previous_value, lag(month_date) over series as previous_date
        from marts.fct_adoption_monthly
        where entity_type = 'contender' and segment = 'all'
        window series as (partition by series_id order by month_date)
    )

select
    months.entity_id,
    entities.label as entity,
    months.metric_id,
    metrics.label as metric,
    months.month_date,
    year(months.month_date)::integer as year,
    case
        when months.kind = 'flow'
        then months.value
        when months.kind = 'stock' and months.previous_date = months.month_date - interval 1 month
        then months.value - months.previous_value
    end as value,
    if(months.kind in ('stock', 'rate', 'index'), months.value, null) as level,
    if(months.kind = 'share', months.value, null) as share_pct,
    months.low,
    months.high,
    months.unit,
    months.method,
    months.grade,
    sources.label as source,
    months.source_id,
    months.basis,
    coalesce(extracts.licence, sources.licence) as licence,
    months.series_id
from months
inner join meta.entities as entities on entities.entity_type = 'contender' and months.entity_id = entities.entity_id
inner join marts.dim_metrics as metrics using (metric_id)
inner join meta.sources as sources on months.source_id = sources.source_id
left join meta.extracts as extracts on months.extract_id = extracts.extract_id
where months.is_preferred
