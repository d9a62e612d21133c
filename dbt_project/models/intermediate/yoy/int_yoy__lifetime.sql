-- The year against everything before it. Of a flow: the sum of all held before, which is a lower bound wherever
-- months are missing or undercounted. Of a stock: what had gathered by the end of the year before.
with

pairs as (
    select * from {{ ref('int_yoy__pairs') }}
),

flows as (
    select
        series_id,
        year,
        value,
        sum(value) over (partition by series_id order by year rows between unbounded preceding and 1 preceding) as lifetime_value
    from pairs
    where kind = 'flow'
),

stocks as (
    select series_id, year, value - prior_value as value, prior_value as lifetime_value
    from pairs
    where kind = 'stock' and is_comparable
),

final as (
    select series_id, year, lifetime_value, value / nullif(lifetime_value, 0) as lifetime_multiple
    from (select * from flows union all select * from stocks)
    where lifetime_value is not null
)

select * from final
