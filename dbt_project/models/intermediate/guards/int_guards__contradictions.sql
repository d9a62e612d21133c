-- Figures that other figures of the same source contradict, so that not all of them can be what the publisher counted.
-- What is found here is left out (`int_observations__resolved`) until a person has looked; the rest of the file counts.
-- `zero_between`: nothing, where the periods around it hold thirty or more; or nothing after thousands. `stock_dips`: a
-- total that is lower than those before and after it by more than a fifth. `stock_peaks`: a total that is larger than
-- those before and after it by more than a half. `flow_peaks`: a count of a thousand or more, beyond six times the
-- three before it and the one after it. `flow_troughs`: a count below a sixth of the three before it and the one after
-- it, five hundred or more. `flow_stands_still`: the same count of a thousand or more in four periods that follow one
-- another. `period_repeats`: three or more names have the figures that they had in an earlier period, all of them.
-- `whole_differs`: parts of one whole that name different wholes. `twin_names`: two names that share their figures in
-- six periods or more. `names_exchange`: two names that have each other's level in one period.
-- `decision` is a person's, of the register: accepted (the figures count) or withdrawn (they stay out).
with

    named as (
        select
            observations.* exclude (claim_rank),
            metrics.kind,
            concat_ws(
                '/', observations.metric_id, observations.source_id, observations.basis, observations.segment
            ) as family,
            -- windows of 30 and of 365 days of one series are not neighbours
            observations.period_end - observations.period_start > 45 as is_long
        from {{ ref("int_observations__deduplicated") }} as observations
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        where claim_rank = 1 and observations.value is not null and observations.entity_type <> 'contender'
    ),

    neighbours as (
        select
            *,
            last_value(nullif(value, 0) ignore nulls) over (
                series rows between unbounded preceding and 1 preceding
            ) as value_before,
            first_value(nullif(value, 0) ignore nulls) over (
                series rows between 1 following and unbounded following
            ) as value_after,
            max(value) over (series rows between 3 preceding and 1 preceding) as highest,
            min(value) over (series rows between 3 preceding and 1 preceding) as lowest,
            lag(period_start) over series as start_before,
            coalesce(period_start - lag(period_end) over series <= if(is_long, 370, 62), false) as is_adjacent,
            row_number() over series as place
        from named
        window
            series as (
                partition by family, entity_type, entity_id, native_object, is_long order by period_start, period_end
            )
    ),

    lonely as (
        select
            *,
            case
                when
                    value = 0
                    and numerator is null
                    and if(value_after is null, value_before >= 1000, least(value_before, value_after) >= 30)
                then 'zero_between'
                when
                    kind = 'stock'
                    and value > 0
                    and least(value_before, value_after) >= 100
                    and value < 0.8 * least(value_before, value_after)
                    and value_after is not null
                then 'stock_dips'
                when
                    kind = 'stock'
                    and least(value_before, value_after) >= 100
                    and value > 1.5 * greatest(value_before, value_after)
                    and value_after is not null
                then 'stock_peaks'
                when
                    kind = 'flow'
                    and is_adjacent
                    and has_sides
                    and value >= 1000
                    and greatest(highest, value_after) >= 200
                    and value > 6 * greatest(highest, value_after)
                then 'flow_peaks'
                when
                    kind = 'flow'
                    and is_adjacent
                    and has_sides
                    and value > 0
                    and least(lowest, value_after) >= 500
                    and 6 * value < least(lowest, value_after)
                then 'flow_troughs'
                when kind = 'flow' and place > 3 and value >= 1000 and highest = lowest and value = highest
                then 'flow_stands_still'
            end as check_id,
            if(
                value < value_before, least(value_before, value_after), greatest(value_before, value_after)
            ) as other_value
        from (select *, value_after is not null or place > 3 as has_sides from neighbours) as sided
        where value_before is not null
    ),

    -- the figures of all names in one period
    periods as (
        select
            family,
            period_start,
            period_end,
            is_long,
            hash(list((entity_id, native_object, value) order by entity_id, native_object)) as figures
        from named
        where value >= 100 and kind = 'flow'
        group by all
        having count(distinct entity_id) >= 3
    ),

    repeated as (
        select *, lag(period_start) over same_figures as first_start
        from periods
        window same_figures as (partition by family, is_long, figures order by period_start, period_end)
    ),

    -- a share of a package's own downloads has a whole of its own
    wholes as (
        select named.family, named.period_start, named.period_end, min(named.denominator) as denominator
        from named
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        where metrics.combine is distinct from 'primary'
        group by all
        having min(named.denominator) <> max(named.denominator)
    ),

    twins as (
        select unnest([one.entity_id, other.entity_id]) as entity_id, one.family, list(one.period_start) as starts
        from named as one
        inner join
            named as other
            on one.family = other.family
            and one.period_start = other.period_start
            and one.period_end = other.period_end
            and one.value = other.value
            and one.entity_id < other.entity_id
        where one.value >= 100
        group by one.entity_id, other.entity_id, one.family
        having count(*) >= 6
    ),

    exchanged as (
        select unnest([one.entity_id, other.entity_id]) as entity_id, one.family, one.period_start, one.period_end
        from neighbours as one
        inner join
            neighbours as other
            on one.family = other.family
            and one.period_start = other.period_start
            and one.period_end = other.period_end
            and one.start_before = other.start_before
            and one.entity_id < other.entity_id
            and one.member = 'primary'
            and other.member = 'primary'
        where
            one.kind in ('flow', 'stock')
            and least(one.value, other.value, one.value_before, other.value_before) >= 100
            and abs(ln(one.value / other.value_before)) < 0.2
            and abs(ln(other.value / one.value_before)) < 0.2
            and abs(ln(one.value_before / other.value_before)) > 0.7
    ),

    found as (
        select check_id, * exclude (check_id, has_sides)
        from lonely
        where check_id is not null
        union all by name
        select 'period_repeats' as check_id, named.*, named.value as other_value
        from named
        inner join repeated using (family, period_start, period_end)
        where repeated.first_start is not null and named.value >= 100
        union all by name
        select 'whole_differs' as check_id, named.*, wholes.denominator as other_value
        from named
        inner join wholes using (family, period_start, period_end)
        union all by name
        select distinct 'twin_names' as check_id, named.*, named.value as other_value
        from named
        inner join
            twins
            on named.family = twins.family
            and named.entity_id = twins.entity_id
            and list_contains(twins.starts, named.period_start)
        union all by name
        select
            'names_exchange' as check_id,
            neighbours.* exclude (value_after, highest, lowest, start_before, is_adjacent, place, value_before),
            neighbours.value_before as other_value
        from neighbours
        inner join exchanged using (family, entity_id, period_start, period_end)
    ),

    final as (
        select
            found.check_id,
            found.metric_id,
            found.source_id,
            found.basis,
            found.segment,
            found.entity_type,
            found.entity_id,
            found.native_object,
            found.period_start,
            found.period_end,
            found.extract_id,
            found.value,
            found.other_value,
            min(register.decision) as decision,
            any_value(register.why) as why
        from found
        left join
            {{ source("catalog", "register") }} as register
            on found.check_id = register.check_id
            and {{ is_accepted("register", "found", "found.entity_id", "found.segment", "period_start") }}
        group by all
    )

select *
from final
