-- Each common jump with what it was: a break of the catalog that reaches all of the source and basis, an event in the
-- world, an entry of the register, or nothing yet (`new`). `end_date` is the first day that it does not touch.
with

    jumps as (
        select
            *,
            -- where within the two months the method changed is not known
            (month_date - interval 1 month)::date as start_date,
            coalesce(ends_date, (month_date + interval 1 month)::date) as end_date,
            if(median_move > 0, 'up', 'down') as sign
        from {{ ref("int_alarms__common") }}
    ),

    by_break as (
        select
            jumps.metric_id,
            jumps.source_id,
            jumps.basis,
            jumps.month_date,
            string_agg(breaks.id, ', ' order by breaks.start) as ids,
            string_agg(breaks.label, '; ' order by breaks.start) as labels
        from jumps
        inner join
            {{ source("catalog", "breaks") }} as breaks
            on {{ reaches_way("breaks", "jumps") }}
            and len(breaks.entities) = 0
            and len(breaks.segments) = 0
            and breaks.start < jumps.end_date
            and breaks."end" >= jumps.start_date
        group by all
    ),

    by_event as (
        select
            jumps.metric_id,
            jumps.source_id,
            jumps.basis,
            jumps.month_date,
            string_agg(world.id, ', ' order by world.start) as ids,
            string_agg(world.label, '; ' order by world.start) as labels
        from jumps
        inner join
            {{ source("catalog", "events") }} as world
            on list_contains(world.metrics, jumps.metric_id)
            and len(world.entities) = 0
            and world.sign = jumps.sign
            and jumps.month_date
            between date_trunc('month', world.start)
            + to_months(world.lag_months[1]::integer) and date_trunc('month', world.start)
            + to_months(world.lag_months[2]::integer)
        group by all
    ),

    by_register as (
        select jumps.metric_id, jumps.source_id, jumps.basis, jumps.month_date, any_value(register.why) as labels
        from jumps
        inner join
            {{ source("catalog", "register") }} as register
            on register.check_id = 'common_jump'
            and {{ is_accepted("register", "jumps", "null", "'all'", "month_date") }}
        group by all
    ),

    final as (
        select
            jumps.metric_id,
            jumps.source_id,
            jumps.basis,
            jumps.month_date,
            jumps.start_date,
            jumps.end_date,
            jumps.series,
            100 * (exp(jumps.median_move) - 1) as median_change_pct,
            jumps.ends_date is not null as is_back,
            case
                when by_break.ids is not null
                then 'break'
                when by_event.ids is not null
                then 'event'
                when by_register.labels is not null
                then 'accepted'
                else 'new'
            end as status,
            coalesce(by_break.ids, by_event.ids) as explained_by,
            coalesce(by_break.labels, by_event.labels, by_register.labels) as explanation
        from jumps
        left join by_break using (metric_id, source_id, basis, month_date)
        left join by_event using (metric_id, source_id, basis, month_date)
        left join by_register using (metric_id, source_id, basis, month_date)
    )

select *
from final
