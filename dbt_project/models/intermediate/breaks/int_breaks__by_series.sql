-- The breaks in series that reach each monthly series: two months with one of these between them do not compare.
with

series as (
    select distinct series_id, metric_id, source_id, entity_type, entity_id, segment, basis from {{ ref('fct_adoption_monthly') }}
),

members as (
    select contender_id, list(framework_id) as frameworks from {{ source('catalog', 'members') }} group by all
),

final as (
    select series.series_id, breaks.id as break_id, breaks.label, breaks.start as start_date, breaks."end" as end_date
    from series
    left join members on series.entity_type = 'contender' and series.entity_id = members.contender_id
    inner join {{ source('catalog', 'breaks') }} as breaks
        on list_contains(breaks.sources, series.source_id)
        and (len(breaks.bases) = 0 or list_contains(breaks.bases, series.basis))
        and (len(breaks.metrics) = 0 or list_contains(breaks.metrics, series.metric_id))
        and (
            len(breaks.entities) = 0 or list_contains(breaks.entities, series.entity_id)
            or list_has_any(breaks.entities, coalesce(members.frameworks, []))
        )
        and (len(breaks.segments) = 0 or list_contains(breaks.segments, series.segment))
)

select * from final
