-- Months in which nearly all series of one metric, source and basis jumped alike, which is how a change of the
-- publisher's method looks: the median of at least five lies outside 0.2 either way, and at most one in eight moved the
-- other way. `ends_date` is the month in which the median is back where it was, if that is within two months: then only
-- the months before it are touched. A month in which an earlier jump ends is no jump of its own.
with

    medians as (
        select
            metric_id,
            source_id,
            basis,
            month_date,
            count(*) as series,
            median(move) as median_move,
            count(*) filter (move > 0) as rises,
            count(*) filter (move < 0) as falls,
            if(count(move_next) >= 5, median(move_next), null) as median_next,
            if(count(move_second) >= 5, median(move_second), null) as median_second,
            min(entity_id) as first_entity
        from {{ ref("int_alarms__moves") }}
        group by all
        having count(*) >= 5
    ),

    jumps as (
        select
            *,
            case
                when abs(median_next) <= 0.2
                then (month_date + interval 1 month)::date
                when abs(median_second) <= 0.2
                then (month_date + interval 2 month)::date
            end as ends_date
        from medians
        where abs(median_move) > 0.2 and series - if(median_move > 0, rises, falls) <= divide(series, 8)
    ),

    final as (
        select jumps.* exclude (median_next, median_second, rises, falls, first_entity)
        from jumps
        anti join
            jumps as earlier
            on jumps.metric_id = earlier.metric_id
            and jumps.source_id = earlier.source_id
            and jumps.basis = earlier.basis
            and jumps.month_date = earlier.ends_date
            and sign(jumps.median_move) <> sign(earlier.median_move)
    )

select *
from final
