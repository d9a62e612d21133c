-- Stretches of held months in which one contender of a pair stays ahead of the other, by one way of counting. A month
-- that is not available neither ends a stretch nor counts in it; a break in series ends it. A stretch stands if it
-- lasts three held months, or if there is no data before it since the last break. Rates are left out: their counts are
-- too small to read by month.
with

    months as (
        select months.*, coalesce(months.low, months.value) as lowest, coalesce(months.high, months.value) as highest
        from {{ ref("int_months__primary") }} as months
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
        where
            months.entity_type = 'contender'
            and months.segment = 'all'
            and ways.is_preferable
            and months.kind in ('flow', 'stock')
            and coalesce(months.is_released, true)
    ),

    -- once: every contender's months against every other one's would be made first
    wanted as materialized(
        select months.*, wanted.against_entity_id
        from {{ ref("int_pairs__materialised") }} as wanted
        inner join months using (entity_id)
    ),

    pairs as (
        select
            me.metric_id,
            me.source_id,
            me.basis,
            me.entity_id,
            other.entity_id as against_entity_id,
            me.month_date,
            me.value,
            me.low,
            me.high,
            other.value as against_value,
            other.low as against_low,
            other.high as against_high,
            {{ worst_grade(["me.grade", "other.grade"]) }} as grade,
            me.series_id,
            other.series_id as against_series_id,
            {{ leading_contender("me.lowest", "me.highest", "other.lowest", "other.highest") }} as lead,
            lag(me.month_date) over pair as previous_held_date
        from wanted as me
        inner join
            months as other
            on me.against_entity_id = other.entity_id
            and me.metric_id = other.metric_id
            and me.source_id = other.source_id
            and me.basis = other.basis
            and me.month_date = other.month_date
        window
            pair as (
                partition by me.metric_id, me.source_id, me.basis, me.entity_id, other.entity_id order by me.month_date
            )
    ),

    -- a row for each of the two, so that breaks are looked up by series
    sides as (
        select
            series_id,
            against_series_id,
            month_date,
            previous_held_date,
            unnest([series_id, against_series_id]) as side_series_id
        from pairs
    ),

    breaks as (
        select distinct sides.series_id, sides.against_series_id, sides.month_date
        from sides
        inner join
            {{ ref("int_breaks__by_series") }} as breaks
            on breaks.series_id = sides.side_series_id
            and breaks.start_date < sides.month_date + interval 1 month
            and breaks.end_date > sides.previous_held_date
    ),

    spelled as (
        select pairs.*, count(breaks.month_date) over pair as spell
        from pairs
        left join breaks using (series_id, against_series_id, month_date)
        window pair as (partition by series_id, against_series_id order by month_date)
    ),

    turned as (
        select *, lead is distinct from lag(lead) over spell_months as is_turn
        from spelled
        window spell_months as (partition by series_id, against_series_id, spell order by month_date)
    ),

    numbered as (
        select
            *,
            count(*) filter (is_turn) over (partition by series_id, against_series_id, spell order by month_date) as run
        from turned
    ),

    runs as (
        select
            metric_id,
            source_id,
            basis,
            entity_id,
            against_entity_id,
            series_id,
            against_series_id,
            spell,
            run,
            lead,
            min(month_date) as first_month_date,
            max(month_date) as last_month_date,
            count(*) as months_ahead,
            -- the figures of the first month itself, also where only bounds of it are known: no other month's
            -- number is taken
            {% for column in ["value", "low", "high", "against_value", "against_low", "against_high", "grade"] -%}
                arg_min_null({{ column }}, month_date) as {{ column }}{{ "," if not loop.last }}
            {% endfor %}
        from numbered
        group by
            metric_id, source_id, basis, entity_id, against_entity_id, series_id, against_series_id, spell, run, lead
    ),

    final as (
        select
            *,
            lead <> 'inconclusive' and (months_ahead >= 3 or run = 1) as is_standing,
            max(last_month_date) over (partition by series_id, against_series_id) as held_until_date,
            min(first_month_date) over (partition by series_id, against_series_id) as held_from_date
        from runs
    )

select *
from final
