-- Why this number, or why none? Every way of counting of an entity in a metric and year, down to the files it was read
-- from, with the breaks and caveats that go with it. Ways of which nothing is available are there with their state.
--
-- entity: an id or label of meta.entities; a name that a contender and a framework share means the contender
-- metric: an id or label of meta.metrics
-- year: a calendar year
-- returns: a row per way of counting, part and file, the preferred way first; no file where nothing is available
-- example: from why({focus}, {metric}, {year})
create macro why(entity, metric, year) as table
with

    named as (select entity_named(entity) as found, metric_named(metric) as metric_id, year_named(year) as year),

    asked as (select found.entity_type, found.entity_id, metric_id, named.year from named),

    ways as (
        select asked.*, ways.source_id, ways.basis, ways.preference, coverage.state, coverage.missing_months
        from asked
        inner join meta.metric_sources as ways using (metric_id)
        left join marts.fct_coverage as coverage using (metric_id, source_id, basis, entity_type, entity_id, year)
    ),

    held as (
        select yoy.*
        from marts.fct_adoption_yoy as yoy
        inner join marts.dim_metrics as metrics using (metric_id)
        where yoy.segment = 'all' or metrics.has_parts_only
    ),

    files as (select held.series_id, held.year, unnest(held.extract_ids) as extract_id from held),

    breaks as (
        select
            reached.series_id,
            reached.year,
            list(breaks.label || ': ' || breaks.reason order by breaks.start_date) as breaks
        from (select held.series_id, held.year, unnest(held.break_ids) as break_id from held) as reached
        inner join marts.dim_breaks as breaks using (break_id)
        group by all
    )

select
    ways.year,
    ways.entity_type,
    ways.entity_id,
    ways.metric_id,
    coalesce(held.is_preferred, false) as is_preferred,
    ways.source_id,
    sources.label as source_label,
    ways.basis,
    held.segment,
    case
        when held.segment <> 'all' and held.is_complete
        then 'complete'
        when held.segment <> 'all'
        then 'partial'
        else coalesce(ways.state, 'the source does not cover this year')
    end as state,
    held.value,
    held.low,
    held.high,
    held.interval_kind,
    held.unit,
    held.external_name,
    held.method,
    ways.missing_months,
    held.grade,
    held.grade_reason,
    held.not_comparable_reason,
    coalesce(breaks.breaks, []) as breaks,
    files.extract_id,
    extracts.filename,
    extracts.sha256,
    extracts.landed_at,
    extracts.available_at,
    extracts.available_evidence,
    extracts.derived_from,
    extracts.reduction,
    coalesce(extracts.licence, sources.licence) as licence,
    sources.how_to_get,
    metrics.caveats
from ways
inner join meta.sources as sources using (source_id)
inner join meta.metrics as metrics using (metric_id)
left join held using (metric_id, source_id, basis, entity_type, entity_id, year)
left join files using (series_id, year)
left join breaks using (series_id, year)
left join meta.extracts as extracts on files.extract_id = extracts.extract_id
order by is_preferred desc, ways.preference, held.segment, extracts.landed_at, files.extract_id
