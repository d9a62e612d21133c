-- The level of every contender's stock at each month's end that is held, within bounds, and in which stretch it lies:
-- what was gained between two ends is known only if no break, and no coming or going of a member, lies between them.
with

    ends as (
        select
            months.series_id,
            months.metric_id,
            months.source_id,
            months.basis,
            months.segment,
            months.entity_id,
            months.unit,
            ways.preference,
            (months.month_date + interval 1 month)::date as end_date,
            months.value,
            coalesce(months.low, months.value) as lowest,
            coalesce(months.high, months.value) as highest,
            months.grade,
            metrics.combine
        from {{ ref("int_months__resolved") }} as months
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        where
            months.entity_type = 'contender'
            and months.member = 'primary'
            and months.kind = 'stock'
            and ways.is_preferable
            and coalesce(months.is_released, true)
            and coalesce(months.low, months.value) is not null
    ),

    turns as (
        select series_id, start_date, end_date
        from {{ ref("int_breaks__by_series") }}
        union
        select ends.series_id, days.day, days.day
        from (select distinct series_id, entity_id, combine from ends) as ends
        inner join {{ source("catalog", "members") }} as members on ends.entity_id = members.contender_id
        cross join lateral(select unnest([members.valid_from, members.valid_until]) as day) as days
        where ends.combine in ('distinct', 'sum', 'interval') and days.day is not null
    ),

    final as (
        select ends.* exclude (combine), count(*) filter (turns.start_date < ends.end_date) as stretch
        from ends
        left join turns using (series_id)
        group by all
        having not coalesce(bool_or(turns.start_date < ends.end_date and turns.end_date > ends.end_date), false)
    )

select *
from final
