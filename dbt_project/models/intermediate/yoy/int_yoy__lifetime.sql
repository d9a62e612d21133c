-- The year against everything before it. Of a flow: the sum of all held before; of a stock: what had gathered by the
-- end of the year before. A multiple is given of whole years only, and not where the series begins more than a year
-- after the release, for that is not everything; `is_lifetime_lower_bound` says that something before is missing,
-- undercounted or counted otherwise, so that the multiple is at most so much.
with

    pairs as (
        select
            *,
            min(period_start) over (partition by series_id) > released + 366 as is_late,
            not coalesce(is_complete, true)
            or contains(coalesce(bias, ''), 'low')
            or len(coalesce(break_ids, [])) > 0 as is_short
        from {{ ref("int_yoy__pairs") }}
    ),

    flows as (
        select
            series_id,
            year,
            if(coalesce(is_complete, true) and not coalesce(is_late, false), value, null) as value,
            sum(value) over earlier_years as lifetime_value,
            bool_or(is_short) over earlier_years or len(coalesce(break_ids, [])) > 0 as is_lifetime_lower_bound
        from pairs
        where kind = 'flow'
        window earlier_years as (partition by series_id order by year rows between unbounded preceding and 1 preceding)
    ),

    stocks as (
        select
            series_id,
            year,
            value - prior_value as value,
            prior_value as lifetime_value,
            false as is_lifetime_lower_bound
        from pairs
        where kind = 'stock' and is_comparable
    ),

    final as (
        select
            series_id,
            year,
            lifetime_value,
            value / nullif(lifetime_value, 0) as lifetime_multiple,
            is_lifetime_lower_bound
        from
            (
                select *
                from flows
                union all
                select *
                from stocks
            )
        where lifetime_value is not null
    )

select *
from final
