-- Each contender against each other one that is counted in the same way in the same year: who is ahead, by how much.
-- One is ahead only if its whole interval lies above the other's. Years that are not whole say nothing of it.
with

contenders as (
    select years.*, ways.preference
    from {{ ref('fct_adoption_yoy') }} as years
    inner join {{ source('catalog', 'metrics') }} as metrics using (metric_id)
    inner join {{ source('catalog', 'metric_sources') }} as ways using (metric_id, source_id, basis)
    where years.entity_type = 'contender' and years.standing_low is not null and ways.is_preferable and metrics.channel <> 'context'
),

final as (
    select
        me.year, me.metric_id, me.segment, me.entity_id, other.entity_id as against_entity_id, me.source_id, me.basis, me.preference,
        me.unit, me.value, me.low, me.high, other.value as against_value, other.low as against_low, other.high as against_high,
        {{ lead_of('me.standing_low', 'me.standing_high', 'other.standing_low', 'other.standing_high') }} as lead,
        me.value / nullif(other.value, 0) as ratio,
        {{ worst_grade(['me.grade', 'other.grade']) }} as grade,
        {{ join_reasons(['me.grade_reason', 'other.grade_reason']) }} as grade_reason,
        row_number() over (
            partition by me.year, me.metric_id, me.segment, me.entity_id, other.entity_id order by me.preference
        ) = 1 as is_preferred
    from contenders as me
    inner join contenders as other using (year, metric_id, source_id, basis, segment)
    where me.entity_id <> other.entity_id
)

select * from final
