-- Measures that set entities of one year beside each other, counted in the same way: `ratio`, the entity over another;
-- `runner_up_ratio`, the largest contender but one over the entity; `without_member`, the part of another entity's
-- users whom the whole holds and a member does not, in percent: (whole - member) / other. A whole known within bounds
-- gives bounds.
with

    readings as (
        select * from {{ ref("int_claims__readings") }} where measure in ('ratio', 'runner_up_ratio', 'without_member')
    ),

    -- of a stock between two snapshots the bounds are known, though not the number
    years as (select * from {{ ref("int_yoy__compared") }} where is_complete or (kind = 'stock' and low is not null)),

    mine as (
        select
            readings.claim_id,
            readings.reading_id,
            readings.measure,
            readings.over_entity_type,
            readings.over_entity_id,
            readings.without,
            years.*
        from readings
        inner join years using (metric_id, entity_type, entity_id, segment, year)
        where
            (readings.source_id is null or readings.source_id = years.source_id)
            and (readings.basis is null or readings.basis = years.basis)
    ),

    others as (
        select mine.claim_id, mine.reading_id, mine.series_id as mine_id, other.*
        from mine
        inner join years as other using (metric_id, source_id, basis, segment, year)
        where
            (
                mine.measure = 'ratio'
                and other.entity_type = mine.over_entity_type
                and other.entity_id = mine.over_entity_id
            )
            or (
                mine.measure = 'runner_up_ratio'
                and other.entity_type = 'contender'
                and other.entity_id not in (mine.entity_id, mine.without)
            )
        qualify
            row_number() over (
                partition by mine.claim_id, mine.reading_id, mine.series_id
                order by coalesce(other.value, other.high) desc
            )
            = 1
    ),

    divided as (
        select
            mine.claim_id,
            mine.reading_id,
            mine.series_id,
            mine.measure = 'ratio' as is_mine_above,
            if(is_mine_above, mine.value, others.value) as value_above,
            if(is_mine_above, others.value, mine.value) as value_below,
            if(is_mine_above, coalesce(mine.low, mine.value), coalesce(others.low, others.value)) as low_above,
            if(is_mine_above, coalesce(mine.high, mine.value), coalesce(others.high, others.value)) as high_above,
            if(is_mine_above, coalesce(others.low, others.value), coalesce(mine.low, mine.value)) as low_below,
            if(is_mine_above, coalesce(others.high, others.value), coalesce(mine.high, mine.value)) as high_below,
            value_above / nullif(value_below, 0) as value,
            if(mine.low is null and others.low is null, null, low_above / nullif(high_below, 0)) as low,
            if(mine.low is null and others.low is null, null, high_above / nullif(low_below, 0)) as high,
            coalesce(mine.interval_kind, others.interval_kind) as interval_kind,
            'times' as unit,
            [
                mine.entity_id
                || ': '
                || {{ figure_or_bounds("coalesce(mine.numerator, mine.value)", "mine.low", "mine.high") }},
                others.entity_id
                || ': '
                || {{ figure_or_bounds("coalesce(others.numerator, others.value)", "others.low", "others.high") }}
            ] as evidence,
            {{ worst_grade(["mine.grade", "others.grade"]) }} as grade
        from mine
        inner join
            others
            on mine.claim_id = others.claim_id
            and mine.reading_id = others.reading_id
            and mine.series_id = others.mine_id
    ),

    -- the same respondents: the same denominator, whatever the basis of the union is called
    counted as (
        select
            mine.claim_id,
            mine.reading_id,
            mine.series_id,
            mine.interval_kind,
            mine.numerator as whole,
            round(mine.low * mine.denominator / 100) as whole_low,
            round(mine.high * mine.denominator / 100) as whole_high,
            member.numerator as member,
            other.numerator as other,
            mine.entity_id || ': ' || {{ figure_or_bounds("whole", "whole_low", "whole_high") }} as whole_text,
            member.entity_id || ': ' || {{ figure("member.numerator") }} as member_text,
            other.entity_id || ': ' || {{ figure("other.numerator") }} as other_text,
            {{ worst_grade(["mine.grade", "member.grade", "other.grade"]) }} as grade
        from mine
        inner join
            years as member
            on mine.metric_id = member.metric_id
            and mine.source_id = member.source_id
            and mine.segment = member.segment
            and mine.year = member.year
            and mine.denominator = member.denominator
            and mine.without = member.entity_id
        inner join
            years as other
            on mine.metric_id = other.metric_id
            and mine.source_id = other.source_id
            and mine.segment = other.segment
            and mine.year = other.year
            and mine.denominator = other.denominator
            and mine.over_entity_id = other.entity_id
            and mine.over_entity_type = other.entity_type
        where mine.measure = 'without_member'
    ),

    parts as (
        select
            claim_id,
            reading_id,
            series_id,
            100.0 * (whole - member) / other as value,
            if(whole is null, 100.0 * greatest(whole_low - member, 0) / other, null) as low,
            if(whole is null, 100.0 * least(whole_high - member, other) / other, null) as high,
            if(whole is null, interval_kind, null) as interval_kind,
            'percent' as unit,
            [whole_text, member_text, other_text] as evidence,
            grade
        from counted
    ),

    measured as (
        select claim_id, reading_id, series_id, value, low, high, interval_kind, unit, evidence, grade
        from divided
        union all by name
        select *
        from parts
    ),

    final as (
        select
            measured.claim_id,
            measured.reading_id,
            measured.series_id,
            mine.metric_id,
            mine.source_id,
            mine.basis,
            measured.unit,
            measured.value,
            measured.low,
            measured.high,
            measured.interval_kind,
            mine.period_start,
            mine.period_end,
            null::varchar as unknown_answer,
            null::varchar as no_data_reason,
            measured.evidence,
            mine.bias,
            measured.grade,
            mine.grade_reason
        from measured
        inner join mine using (claim_id, reading_id, series_id)
    )

select *
from final
