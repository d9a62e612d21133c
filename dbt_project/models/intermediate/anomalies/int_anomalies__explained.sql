-- Every event that the detector found, with what explains it: a known break in series, a period that the publisher does
-- not have, an event in the world that reaches the metric with that sign at that time, a person who looked into it (the
-- register), or nothing.
with

    events as (select * from {{ source("detection", "detected_events") }}),

    series as (
        select distinct series_id, metric_id, source_id, entity_type, entity_id, segment, basis, is_watched
        from {{ ref("int_detection__series") }}
    ),

    described as (
        select
            series.*,
            events.* exclude (series_id),
            if(events.depth > 0, 'down', 'up') as sign,
            events.kind not in ('gap', 'partial', 'yoy_flip') as is_movement
        from events
        inner join series using (series_id)
    ),

    -- the method changed within the event, or in the month before or after it; a reversal compares with a year before,
    -- so a break reaches it for a year longer
    by_break as (
        select
            described.series_id,
            described.kind,
            described.start_date,
            string_agg(distinct breaks.id, ', ' order by breaks.id) as ids,
            string_agg(distinct breaks.label, '; ' order by breaks.label) as labels
        from described
        inner join
            {{ source("catalog", "breaks") }} as breaks
            on {{ reaches_way("breaks", "described") }}
            and (len(breaks.entities) = 0 or list_contains(breaks.entities, described.entity_id))
            and (len(breaks.segments) = 0 or list_contains(breaks.segments, described.segment))
            and breaks.start < described.end_date + interval 2 month
            and breaks."end" >= described.start_date - to_months(if(described.kind = 'yoy_flip', 14, 1))
        where described.is_known or described.is_movement or described.kind = 'yoy_flip'
        group by all
    ),

    by_gap as (
        select described.series_id, described.kind, described.start_date, any_value(never.reason) as labels
        from described
        inner join
            {{ source("catalog", "never_held") }} as never
            on described.source_id = never.source_id
            and never.start <= described.end_date
            and never."end" > described.start_date
        where described.kind = 'gap'
        group by all
    ),

    by_list as (
        select distinct described.series_id, described.kind, described.start_date
        from described
        inner join
            {{ ref("int_months__primary") }} as months
            on described.series_id = months.series_id
            and months.month_date between described.start_date and described.end_date
        where described.kind = 'gap' and months.value is null
    ),

    by_event as (
        select
            described.series_id,
            described.kind,
            described.start_date,
            string_agg(distinct world.id, ', ' order by world.id) as ids,
            string_agg(distinct world.label, '; ' order by world.label) as labels
        from described
        inner join
            {{ source("catalog", "events") }} as world
            on list_contains(world.metrics, described.metric_id)
            and (len(world.entities) = 0 or list_contains(world.entities, described.entity_id))
            and world.sign = described.sign
            and described.start_date
            between date_trunc('month', world.start)
            + to_months(world.lag_months[1]::integer) and date_trunc('month', world.start)
            + to_months(world.lag_months[2]::integer)
        where described.is_movement and not described.is_known
        group by all
    ),

    by_register as (
        select described.series_id, described.kind, described.start_date, any_value(register.why) as labels
        from described
        inner join
            {{ source("catalog", "register") }} as register
            on described.kind = register.check_id
            and {{ is_accepted("register", "described", "described.entity_id", "described.segment", "start_date") }}
        where described.is_movement and not described.is_known
        group by all
    ),

    final as (
        select
            described.series_id,
            described.metric_id,
            described.source_id,
            described.entity_type,
            described.entity_id,
            described.segment,
            described.basis,
            described.kind,
            described.start_date,
            described.end_date,
            -100 * described.depth as change_pct,
            described.trough_date,
            -100 * described.trough_depth as trough_change_pct,
            described.shortfall_months,
            described.has_recovered,
            described.scope,
            described.is_known,
            described.is_seen,
            case
                when described.is_known or by_break.ids is not null
                then 'measurement'
                when by_event.ids is not null
                then 'event'
                when by_gap.labels is not null or by_list.kind is not null or described.kind = 'partial'
                then 'not published'
                when by_register.labels is not null
                then 'accepted'
                else 'unexplained'
            end as explanation_kind,
            coalesce(described.break_id, by_break.ids, by_event.ids) as explained_by,
            coalesce(
                by_break.labels,
                by_event.labels,
                by_gap.labels,
                by_register.labels,
                if(
                    by_list.kind is not null,
                    'below the smallest count of the published list, or between snapshots',
                    null
                ),
                if(described.kind = 'partial', 'counted before the month was fully loaded', null)
            ) as explanation,
            described.gain,
            described.is_watched
        from described
        left join by_break using (series_id, kind, start_date)
        left join by_gap using (series_id, kind, start_date)
        left join by_list using (series_id, kind, start_date)
        left join by_event using (series_id, kind, start_date)
        left join by_register using (series_id, kind, start_date)
    )

select *
from final
