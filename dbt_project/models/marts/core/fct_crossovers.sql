-- The month in which one contender passes another and stays ahead for three held months, per metric, source and basis.
-- Where one is ahead as soon as both are held, or as soon as a break in series has passed, the date is not known.
with

    runs as (select * from {{ ref("int_crossovers__runs") }}),

    standing as (
        select
            *,
            lag(lead) over pair as previous_lead,
            lag(spell) over pair as previous_spell,
            lag(last_month_date) over pair as previous_month_date
        from runs
        where is_standing
        window pair as (partition by series_id, against_series_id order by first_month_date)
    ),

    events as (
        select
            *,
            if(previous_lead = 'trails' and previous_spell = spell, 'passed', 'already ahead') as state,
            case
                when previous_lead is null and first_month_date = held_from_date
                then 'ahead in the first month held of both'
                when previous_lead is null
                then 'not told apart before'
                when previous_spell <> spell
                then 'ahead in the first month held after a break in series'
            end as reason
        from standing
        where lead = 'leads' and previous_lead is distinct from 'leads'
    ),

    -- ahead at the end of what is held, for fewer than three months
    unproven as (
        select
            runs.*,
            'not yet three months' as state,
            runs.months_ahead || ' held months ahead so far' as reason,
            lag(runs.lead) over pair as previous_lead,
            lag(runs.last_month_date) over pair as previous_month_date
        from runs
        window pair as (partition by series_id, against_series_id order by first_month_date)
        qualify runs.lead = 'leads' and not runs.is_standing and runs.last_month_date = runs.held_until_date
    ),

    found as (
        select *
        from events
        union all by name
        select *
        from unproven
    ),

    held as (
        select distinct
            series_id,
            against_series_id,
            metric_id,
            source_id,
            basis,
            entity_id,
            against_entity_id,
            held_from_date,
            held_until_date
        from runs
    ),

    never as (
        select held.*, 'never ahead' as state, 'surely ahead in no three months that are held' as reason
        from held
        anti join found using (series_id, against_series_id)
    ),

    sides as (
        select distinct metric_id, source_id, basis, entity_id
        from {{ ref("int_months__primary") }}
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
        where entity_type = 'contender' and segment = 'all' and kind in ('flow', 'stock') and ways.is_preferable
    ),

    -- whoever is held by the month in no way of counting is not spoken of
    contenders as (
        select entity_id, label
        from {{ source("catalog", "entities") }}
        semi join sides using (entity_id)
        where entity_type = 'contender'
    ),

    -- one of the two is held in this way of counting, the other is not, or never in the same month
    unknown as (
        select
            ways.metric_id,
            ways.source_id,
            ways.basis,
            me.entity_id,
            other.entity_id as against_entity_id,
            'not known' as state,
            case
                when mine.entity_id is null
                then me.label || ' is not available'
                when theirs.entity_id is null
                then other.label || ' is not available'
                else 'not available in the same month'
            end as reason
        from (select distinct metric_id, source_id, basis from sides) as ways
        cross join {{ ref("int_pairs__materialised") }} as wanted
        inner join contenders as me on wanted.entity_id = me.entity_id
        inner join contenders as other on wanted.against_entity_id = other.entity_id
        left join
            sides as mine
            on ways.metric_id = mine.metric_id
            and ways.source_id = mine.source_id
            and ways.basis = mine.basis
            and me.entity_id = mine.entity_id
        left join
            sides as theirs
            on ways.metric_id = theirs.metric_id
            and ways.source_id = theirs.source_id
            and ways.basis = theirs.basis
            and other.entity_id = theirs.entity_id
        anti join
            held
            on ways.metric_id = held.metric_id
            and ways.source_id = held.source_id
            and ways.basis = held.basis
            and me.entity_id = held.entity_id
            and other.entity_id = held.against_entity_id
        where mine.entity_id is not null or theirs.entity_id is not null
    ),

    stated as (
        select *
        from found
        union all by name
        select *
        from never
        union all by name
        select *
        from unknown
    ),

    final as (
        select
            metric_id,
            source_id,
            basis,
            entity_id,
            against_entity_id,
            state,
            if(state = 'passed', first_month_date, null) as month_date,
            first_month_date as first_month_ahead_date,
            if(state = 'passed', previous_month_date, null) as last_month_behind_date,
            if(state = 'passed', date_diff('month', previous_month_date, first_month_date) - 1, null)::integer
            as months_between,
            months_ahead::integer as months_ahead,
            value,
            low,
            high,
            against_value,
            against_low,
            against_high,
            held_from_date,
            held_until_date,
            reason,
            grade
        from stated
    )

select *
from final
