{{ config(severity="warn") }}
-- Months missing between the first and the last that a source holds of an entity, in whatever way of counting; those
-- excepted that its publisher never had. Of snapshots taken now and then no month of a flow is expected.
with

    held as (
        select distinct metric_id, source_id, entity_type, entity_id, segment, month_date
        from {{ ref("fct_adoption_monthly") }}
        inner join {{ source("catalog", "sources") }} as sources using (source_id)
        where entity_type <> 'contender' and kind <> 'share' and (kind = 'stock' or sources.grain <> 'snapshot')
    ),

    expected as (
        select
            metric_id,
            source_id,
            entity_type,
            entity_id,
            segment,
            unnest(generate_series(min(month_date), max(month_date), interval 1 month))::date as month_date
        from held
        group by metric_id, source_id, entity_type, entity_id, segment
    )

select expected.*
from expected
anti join held using (metric_id, source_id, entity_type, entity_id, segment, month_date)
anti join
    {{ source("catalog", "never_held") }} as never
    on expected.source_id = never.source_id
    and expected.month_date >= never.start
    and expected.month_date < never."end"
