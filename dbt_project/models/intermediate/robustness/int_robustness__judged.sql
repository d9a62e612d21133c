-- Each headline again with one admissible choice varied at a time: does it stand? Four headlines: the direction of a
-- change, by how much, who leads, by how much. Counted are the choices that can be computed and are not inconclusive
-- where the preferred one is not; the others say why not.
with

    changes as (select * from {{ ref("int_choices__changes") }}),

    leads as (select * from {{ ref("int_choices__leads") }}),

    headlines as (
        select
            'direction' as headline,
            year,
            metric_id,
            segment,
            entity_id,
            null::varchar as against_entity_id,
            dimension,
            choice,
            source_id,
            basis,
            choice_segment,
            change as value,
            change_unit as unit,
            if(reason is not null, null, coalesce(['down', 'flat', 'up'][move::integer + 2], 'inconclusive')) as answer,
            reason,
            note
        from changes
        union all
        select
            'change',
            year,
            metric_id,
            segment,
            entity_id,
            null::varchar,
            dimension,
            choice,
            source_id,
            basis,
            choice_segment,
            change,
            change_unit,
            if(reason is not null, null, {{ format_change("change", "change_unit") }}),
            coalesce(reason, if(change is null, 'not known as a number', null)),
            note
        from changes
        union all
        select
            'lead',
            year,
            metric_id,
            segment,
            entity_id,
            against_entity_id,
            dimension,
            choice,
            source_id,
            basis,
            choice_segment,
            ratio,
            'times',
            lead,
            reason,
            null
        from leads
        union all
        select
            'ratio',
            year,
            metric_id,
            segment,
            entity_id,
            against_entity_id,
            dimension,
            choice,
            source_id,
            basis,
            choice_segment,
            ratio,
            'times',
            printf('%.2f x', ratio),
            coalesce(reason, if(ratio is null, 'not known as a number', null)),
            null
        from leads
    ),

    judged as (
        select
            *,
            reason is null as is_computable,
            -- what is inconclusive neither agrees nor dissents
            headline in ('direction', 'lead')
            and answer = 'inconclusive'
            and max(answer) filter (dimension = 'preferred') over one_headline <> 'inconclusive' as is_inconclusive,
            case
                when max(answer) filter (dimension = 'preferred' and reason is null) over one_headline is null
                then null
                when reason is not null
                then null
                when is_inconclusive
                then null
                when headline in ('direction', 'lead')
                then answer = max(answer) filter (dimension = 'preferred') over one_headline
                else {{ is_about("value", "max(value) filter (dimension = 'preferred') over one_headline") }}
            end as is_agreeing
        from headlines
        window one_headline as (partition by headline, year, metric_id, segment, entity_id, against_entity_id)
    ),

    counted as (
        select
            headline,
            year,
            metric_id,
            segment,
            entity_id,
            against_entity_id,
            if(count(is_agreeing) = 0, null, count(*) filter (is_agreeing))::integer as choices_agreeing,
            count(*) filter (is_computable and not coalesce(is_inconclusive, false))::integer as choices_computed,
            count(*) filter (is_computable and is_inconclusive)::integer as choices_inconclusive,
            coalesce(
                list(
                    replace(replace(choice, '_', ' '), '=', ' ')
                    || ' ('
                    || concat_ws(
                        ', ', answer, if(headline = 'direction', {{ format_change("value", "unit") }}, null), note
                    )
                    || ')'
                    order by dimension, choice
                ) filter (not is_agreeing),
                []
            ) as dissenters
        from judged
        group by all
    ),

    final as (
        select
            judged.headline,
            judged.year::integer as year,
            judged.metric_id,
            judged.segment,
            judged.entity_id,
            judged.against_entity_id,
            judged.dimension,
            judged.choice,
            judged.dimension = 'preferred' as is_preferred,
            judged.source_id,
            judged.basis,
            judged.choice_segment,
            judged.answer,
            judged.value,
            judged.unit,
            judged.is_computable,
            judged.reason as not_computable_reason,
            judged.is_agreeing,
            judged.note,
            counted.choices_agreeing,
            counted.choices_computed,
            counted.choices_inconclusive,
            counted.dissenters
        from judged
        inner join
            counted
            on judged.headline = counted.headline
            and judged.year = counted.year
            and judged.metric_id = counted.metric_id
            and judged.segment = counted.segment
            and judged.entity_id = counted.entity_id
            and judged.against_entity_id is not distinct from counted.against_entity_id
    )

select *
from final
