-- One series per entity, metric and segment: of the ways of counting that reports may use the first, in the catalog's
-- order, with two years of months, else the longest. Entities of one metric and source are a family.
with

candidates as (
    select * from {{ ref('int_detection__candidates') }}
),

lengths as (
    select series_id, metric_id, source_id, entity_type, entity_id, segment, basis, count(value) as months
    from candidates
    group by all
),

chosen as (
    select lengths.series_id, lengths.metric_id || '/' || lengths.source_id as family
    from lengths
    inner join {{ source('catalog', 'metric_sources') }} as ways using (metric_id, source_id, basis)
    where ways.is_preferable
    qualify row_number() over (
        partition by metric_id, entity_type, entity_id, segment
        order by months >= 24 desc, if(months >= 24, ways.preference, null), months desc, ways.preference
    ) = 1
),

final as (
    select
        candidates.series_id, candidates.metric_id, candidates.source_id, candidates.entity_type, candidates.entity_id,
        candidates.segment, candidates.basis, chosen.family, candidates.month_date, candidates.value, candidates.counted_at
    from candidates
    inner join chosen using (series_id)
)

select * from final
