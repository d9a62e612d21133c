-- What withholds directions until a person has said what it was, in the form of breaks in series: a jump of nearly all
-- series of one source and basis; a lasting change of level on one way of counting that another way of counting the
-- same does not have; a movement of the whole market that nothing explains. Of what is over again only its own months
-- are touched (`is_passing`).
with

    anomalies as (
        select *
        from {{ ref("int_anomalies__explained") }}
        where kind not in ('gap', 'partial', 'yoy_flip') and not is_known and segment = 'all'
    ),

    common as (
        select
            'common_jump' as check_id,
            metric_id,
            source_id,
            basis,
            []::varchar[] as entities,
            is_back as is_passing,
            if(is_back, month_date, start_date) as start_date,
            end_date,
            format(
                'not reviewed: {} series jumped together in {}, by {:+.0f} % in the middle',
                series,
                strftime(month_date, '%Y-%m'),
                median_change_pct
            ) as label
        from {{ ref("int_alarms__explained") }}
        where status = 'new'
    ),

    -- the other ways of counting the same, that were watched at the time
    others as (
        select anomalies.series_id, anomalies.start_date, other.series_id as other_series_id
        from anomalies
        inner join
            (
                select
                    series_id,
                    metric_id,
                    source_id,
                    entity_type,
                    entity_id,
                    segment,
                    min(month_date) as first,
                    max(month_date) as last
                from {{ ref("int_detection__series") }}
                group by all
            ) as other
            on anomalies.metric_id = other.metric_id
            and anomalies.source_id = other.source_id
            and anomalies.entity_type = other.entity_type
            and anomalies.entity_id = other.entity_id
            and anomalies.segment = other.segment
            and anomalies.series_id <> other.series_id
            and anomalies.start_date - interval 6 month >= other.first
            and anomalies.start_date + interval 6 month <= other.last
        where anomalies.kind = 'level_shift' and anomalies.explanation_kind = 'unexplained'
    ),

    alone as (
        select others.series_id, others.start_date
        from others
        left join
            anomalies as alike
            on others.other_series_id = alike.series_id
            and abs(alike.start_date - others.start_date) <= 92
        group by all
        having count(alike.series_id) < count(distinct others.other_series_id)
    ),

    one_basis as (
        select
            'level_shift_of_one_basis' as check_id,
            anomalies.metric_id,
            anomalies.source_id,
            anomalies.basis,
            [anomalies.entity_id] as entities,
            false as is_passing,
            (anomalies.start_date - interval 1 month)::date as start_date,
            (anomalies.start_date + interval 1 month)::date as end_date,
            format(
                'not reviewed: {} of {} changed level in {}, by {:+.0f} %, counted in this way only',
                anomalies.metric_id,
                anomalies.entity_id,
                strftime(anomalies.start_date, '%Y-%m'),
                anomalies.change_pct
            ) as label
        from anomalies
        inner join alone using (series_id, start_date)
        where anomalies.kind = 'level_shift' and anomalies.explanation_kind = 'unexplained'
    ),

    market as (
        select
            'market_movement' as check_id,
            metric_id,
            source_id,
            basis,
            []::varchar[] as entities,
            bool_and(kind <> 'level_shift') as is_passing,
            min(start_date) as start_date,
            (max(end_date) + interval 1 month)::date as end_date,
            format(
                'not reviewed: {} of {} series together from {}', kind, count(*), strftime(start_date, '%Y-%m')
            ) as label
        from anomalies
        where scope = 'market' and explanation_kind = 'unexplained'
        group by metric_id, source_id, basis, kind, start_date, sign(change_pct)
    ),

    final as (
        select *
        from common
        union all by name
        select *
        from one_basis
        union all by name
        select *
        from market
    )

select
    concat_ws('_', check_id, source_id, basis, strftime(start_date, '%Y_%m')) as id,
    label,
    start_date as start,
    end_date as "end",
    [source_id] as sources,
    [basis] as bases,
    [metric_id] as metrics,
    entities,
    []::varchar[] as segments,
    true as contenders,
    check_id,
    is_passing
from final
