-- What checks of the figures found, and whether a person has looked: new (figures are left out, or directions across
-- them are withheld), accepted (the figures count) or withdrawn (they stay out). `adoption accept` writes the decision.
with

    contradictions as (
        select
            check_id,
            coalesce(decision, 'new') as status,
            metric_id,
            source_id,
            basis,
            list(distinct entity_id order by entity_id) as entities,
            period_start as start_date,
            period_end as end_date,
            arg_min(value, entity_id) as value,
            arg_min(other_value, entity_id) as other_value,
            any_value(extract_id) as extract_id,
            any_value(why) as why
        from {{ ref("int_guards__contradictions") }}
        group by all
        union all by name
        select
            check_id,
            coalesce(decision, 'new') as status,
            metric_id,
            source_id,
            basis,
            [entity_id] as entities,
            start_date,
            end_date,
            value,
            other_value,
            null::varchar as extract_id,
            why
        from {{ ref("int_guards__controls") }}
    ),

    figures as (
        select
            contradictions.* exclude (extract_id, why),
            extracts.filename,
            coalesce(
                contradictions.why,
                format(
                    '{} ({}) of {}, {} to {}: {} beside {} ({})',
                    contradictions.metric_id,
                    contradictions.basis,
                    array_to_string(contradictions.entities, ', '),
                    contradictions.start_date,
                    contradictions.end_date,
                    coalesce(contradictions.value::varchar, 'missing'),
                    coalesce(contradictions.other_value::varchar, 'nothing'),
                    replace(check_id, '_', ' ')
                )
            ) as label
        from contradictions
        left join {{ ref("stg_landing__extracts") }} as extracts using (extract_id)
    ),

    withheld as (
        select
            check_id,
            'new' as status,
            metrics[1] as metric_id,
            sources[1] as source_id,
            bases[1] as basis,
            entities,
            start as start_date,
            "end" as end_date,
            null::double as value,
            null::double as other_value,
            null::varchar as filename,
            replace(label, 'not reviewed: ', '') as label
        from {{ ref("int_breaks__alarms") }}
    ),

    together as (
        select *
        from figures
        union all by name
        select *
        from withheld
    ),

    final as (
        select
            concat_ws(
                '_',
                check_id,
                source_id,
                metric_id,
                basis,
                nullif(array_to_string(entities, '_'), ''),
                strftime(start_date, '%Y_%m_%d'),
                nullif(strftime(end_date, '%Y_%m_%d'), '')
            ) as alarm_id,
            *
        from together
    )

select *
from final
