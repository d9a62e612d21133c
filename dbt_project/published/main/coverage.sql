-- What is available and what is missing: every contender, metric and year, by the way of counting of which most is
-- there.
--
-- entity_id: Identity of the contender; see main.frameworks.
-- entity: What people call it.
-- metric_id: Identity of the metric; see main.metrics.
-- metric: What people call it.
-- year: Calendar year.
-- state: complete, known within bounds, between snapshots, partial, not available, or no name in this channel.
-- available_periods: How many months, or editions, are available.
-- expected_periods: How many there are in a whole year.
-- missing_months: Months of the year that are missing, in order.
-- grade: A to D: how far what is available can be trusted.
-- source: Who publishes it.
-- source_id: Identity of the source; see main.sources.
-- basis: How it is counted.
-- licence: Under which licence it stands.
-- how_to_get: How to get what is missing.
select
    coverage.entity_id,
    entities.label as entity,
    coverage.metric_id,
    metrics.label as metric,
    coverage.year,
    coverage.state,
    coverage.held_periods as available_periods,
    coverage.expected_periods,
    coverage.missing_months,
    coverage.grade,
    sources.label as source,
    coverage.source_id,
    coverage.basis,
    sources.licence,
    if(coverage.state in ('complete', 'known within bounds'), null, sources.how_to_get) as how_to_get
from marts.fct_coverage as coverage
inner join meta.entities as entities using (entity_type, entity_id)
inner join marts.dim_metrics as metrics using (metric_id)
inner join meta.sources as sources using (source_id)
inner join meta.metric_sources as ways using (metric_id, source_id, basis)
where coverage.entity_type = 'contender' and (ways.is_preferable or coverage.state = 'complete')
qualify
    row_number() over (
        partition by coverage.entity_id, coverage.metric_id, coverage.year
        order by
            ways.is_preferable desc,
            list_position(
                [
                    'complete',
                    'known within bounds',
                    'partial',
                    'between snapshots',
                    'not available',
                    'no name in this channel'
                ],
                coverage.state
            ),
            coverage.held_periods desc,
            coverage.grade,
            ways.preference
    )
    = 1
