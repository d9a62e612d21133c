-- The breaks of the catalog that reach each series whose years are projected. Alarms are not among them: they rest on
-- what the detector finds later, and `fct_projections` withholds what lies across one.
with

    series as (
        select distinct series_id, metric_id, source_id, entity_type, entity_id, segment, basis
        from {{ ref("int_months__resolved") }}
        inner join (select distinct series_id from {{ ref("int_projections__series") }}) using (series_id)
    ),

    parts as ({{ parts_of_contenders() }}),

    final as (
        select
            series.series_id, breaks.id as break_id, breaks.label, breaks.start as start_date, breaks."end" as end_date
        from series
        left join parts on series.entity_id = parts.contender_id and series.metric_id = parts.metric_id
        inner join {{ source("catalog", "breaks") }} as breaks on {{ break_reaches("breaks", "series", "parts") }}
    )

select *
from final
