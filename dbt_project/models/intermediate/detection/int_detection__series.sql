-- Every monthly series in which anomalies are looked for: all sources, and every way of counting that does not change
-- inside the series. Series of one metric, source and basis are a family. `is_watched` marks the one that charts show
-- of an entity, metric and segment: of the ways of counting that reports may use the first, in the catalog's order,
-- with two years of months, else the longest.
with

    candidates as (select * from {{ ref("int_detection__candidates") }}),

    lengths as (
        select series_id, metric_id, source_id, entity_type, entity_id, segment, basis, count(value) as months
        from candidates
        group by all
    ),

    chosen as (
        select
            lengths.series_id,
            concat_ws('/', metric_id, source_id, basis) as family,
            row_number() over (
                partition by metric_id, entity_type, entity_id, segment
                order by months >= 24 desc, if(months >= 24, ways.preference, null), months desc, ways.preference
            )
            = 1 as is_watched
        from lengths
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
        where ways.is_preferable
    ),

    final as (
        select
            candidates.series_id,
            candidates.metric_id,
            candidates.source_id,
            candidates.entity_type,
            candidates.entity_id,
            candidates.segment,
            candidates.basis,
            chosen.family,
            chosen.is_watched,
            candidates.month_date,
            candidates.value,
            candidates.counted_at
        from candidates
        inner join chosen using (series_id)
    )

select *
from final
