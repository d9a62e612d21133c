-- A part of a year that alone exceeds the whole year before: a partial flow is a lower bound, so the year is up at
-- least so much, as counted: nothing is added for the months that are missing. Only from a year before that is whole,
-- known as a number and not known to be low, with no break between.
with

    final as (
        select series_id, year, 100.0 * (value / prior_value - 1) as yoy_at_least_pct
        from {{ ref("int_yoy__pairs") }}
        where
            kind = 'flow'
            and not is_complete
            and is_prior_complete
            and is_same_measure
            and value > prior_value
            and prior_value > 0
            and not contains(coalesce(prior_bias, ''), 'low')
    )

select *
from final
