-- One row per fact: of two extracts that speak of the same one, the one landed later counts. A zero between busy periods,
-- of thirty or more each, is no fact: something was not counted, or not handed on, and what the figure was is not known.
with

chosen as (
    select * exclude (claim_rank)
    from {{ ref('int_observations__deduplicated') }}
    where claim_rank = 1
),

neighbours as (
    select
        *,
        last_value(nullif(value, 0) ignore nulls) over (
            series order by period_start, period_end rows between unbounded preceding and 1 preceding
        ) as value_before,
        first_value(nullif(value, 0) ignore nulls) over (
            series order by period_start, period_end rows between 1 following and unbounded following
        ) as value_after
    from chosen
    window series as (partition by metric_id, source_id, basis, segment, entity_type, entity_id, native_object)
),

final as (
    select * exclude (value_before, value_after)
    from neighbours
    where (
        value = 0 and numerator is null and least(value_before, value_after) >= 30
        and value_before is not null and value_after is not null
    ) is not true
)

select * from final
