-- What is measured: unit, kind, channel, what a figure is interpreted as, and what it does not say.
--
-- metric_id: Identity of the metric.
-- metric: What people call it.
-- channel: Metrics of one channel are counted once; context is never counted.
-- unit: Unit of the figures.
-- kind: flow (adds up), stock (grows and leads by what it gained), share, rate or index (never added up).
-- interpreted_as: What a figure is interpreted as.
-- caveats: What a figure does not say.
-- ways_of_counting: The ways in which it is counted, in the order of preference.
-- contenders: How many contenders main.yearly has figures of.
-- first_year: First year of which main.yearly has a row.
-- last_year: Last year of which main.yearly has a row.
select
    metrics.metric_id,
    metrics.label as metric,
    metrics.channel,
    metrics.unit,
    metrics.kind,
    metrics.reads as interpreted_as,
    metrics.caveats,
    metrics.ways_of_counting,
    count(distinct yearly.entity_id)::integer as contenders,
    min(yearly.year) as first_year,
    max(yearly.year) as last_year
from marts.dim_metrics as metrics
left join yearly using (metric_id)
group by all
