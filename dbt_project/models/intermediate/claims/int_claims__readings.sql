-- Each reading of a claim, with the entity it speaks of and the range that its words admit. An open end is null.
with

    -- where a framework is its own contender both have the same figures
    entities as (
        select entity_id, entity_type
        from {{ source("catalog", "entities") }}
        qualify
            row_number() over (
                partition by entity_id
                order by list_position(['contender', 'framework', 'reference', 'market'], entity_type)
            )
            = 1
    ),

    worded as (
        select
            readings.* exclude (within),
            words.says,
            words.form,
            words.lowest,
            words.highest,
            coalesce(readings.within, words.within) as within
        from {{ source("catalog", "claim_readings") }} as readings
        inner join {{ source("catalog", "claim_words") }} as words on readings.relation = words.id
    ),

    final as (
        select
            worded.claim_id,
            worded.reading as reading_id,
            worded.position::integer as reading_position,
            worded.evidence as evidence_kind,
            coalesce(worded.part, false) as is_part,
            worded.among,
            worded.measure,
            worded.metric as metric_id,
            entities.entity_type,
            worded.entity as entity_id,
            others.entity_type as over_entity_type,
            worded."over" as over_entity_id,
            worded.without,
            worded.source as source_id,
            worded.basis,
            worded.segment,
            worded.year::integer as year,
            worded.first_month,
            worded.last_month,
            worded."window" as window_id,
            worded.relation,
            worded.says,
            worded.form,
            worded.stated,
            case
                worded.form
                when 'percent'
                then worded.stated - abs(worded.stated) * worded.within / 100
                when 'at_least'
                then worded.stated - abs(worded.stated) * worded.within / 100
                when 'points'
                then worded.stated - worded.within
                when 'range'
                then worded.lowest
            end as accepted_low,
            case
                worded.form
                when 'percent'
                then worded.stated + abs(worded.stated) * worded.within / 100
                when 'points'
                then worded.stated + worded.within
                when 'range'
                then worded.highest
            end as accepted_high,
            worded.note
        from worded
        inner join entities on worded.entity = entities.entity_id
        left join entities as others on worded."over" = others.entity_id
    )

select *
from final
