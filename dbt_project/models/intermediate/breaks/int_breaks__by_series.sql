-- The breaks in series that reach each monthly series: two months with one of these between them do not compare.
with

    series as (
        select distinct series_id, metric_id, source_id, entity_type, entity_id, segment, basis
        from {{ ref("int_months__resolved") }}
        where member = 'primary'
    ),

    parts as ({{ parts_of_contenders() }}),

    final as (
        select
            series.series_id,
            breaks.id as break_id,
            breaks.label,
            breaks.start as start_date,
            breaks."end" as end_date,
            breaks.is_passing
        from series
        left join
            parts
            on series.entity_type = 'contender'
            and series.entity_id = parts.contender_id
            and series.metric_id = parts.metric_id
        inner join {{ ref("int_breaks__all") }} as breaks on {{ break_reaches("breaks", "series", "parts") }}
    )

select *
from final
