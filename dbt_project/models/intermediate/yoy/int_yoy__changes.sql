-- The change of each comparable pair of years, with its interval. Growth of flows and stocks is in percent; a share
-- changes in points. An interval of growth comes from the intervals of the two years; for a share it is Newcombe's,
-- which covers sampling only; for a rate, and for a flow of which either year counts less than a thousand, it is the
-- logarithmic interval of a ratio of two counts. Of an open upper end (growth from a number that may be 0) the bound is
-- null. A bound says nothing of chance: `worst_low` and `worst_high` are its worst ends with the sampling interval
-- there.
with

    pairs as (
        select
            *,
            coalesce(low, value) as lowest,
            coalesce(high, value) as highest,
            coalesce(prior_low, prior_value) as prior_lowest,
            coalesce(prior_high, prior_value) as prior_highest,
            value is not null and prior_value is not null as is_number
        from {{ ref("int_yoy__pairs") }}
        where is_comparable
    ),

    intervals as (
        select
            *,
            case
                when kind = 'share' and is_number
                then {{ newcombe_bound("-", "value", "low", "prior_value", "prior_high") }}
                when kind = 'share'
                then lowest - prior_highest
                else {{ growth_interval("-") }}
            end as yoy_low,
            case
                when kind = 'share' and is_number
                then {{ newcombe_bound("+", "value", "high", "prior_value", "prior_low") }}
                when kind = 'share'
                then highest - prior_lowest
                else {{ growth_interval("+") }}
            end as yoy_high,
            case
                when is_number
                then null
                when kind = 'share'
                then
                    {{
                        newcombe_bound(
                            "-",
                            "lowest",
                            wilson_bound("lowest * denominator / 100", "denominator", "-"),
                            "prior_highest",
                            wilson_bound("prior_highest * prior_denominator / 100", "prior_denominator", "+"),
                        )
                    }}
                else {{ worst_growth("-", "kind", "lowest", "denominator", "prior_highest", "prior_denominator") }}
            end as worst_low,
            case
                when is_number
                then null
                when kind = 'share'
                then
                    {{
                        newcombe_bound(
                            "+",
                            "highest",
                            wilson_bound("highest * denominator / 100", "denominator", "+"),
                            "prior_lowest",
                            wilson_bound("prior_lowest * prior_denominator / 100", "prior_denominator", "-"),
                        )
                    }}
                else {{ worst_growth("+", "kind", "highest", "denominator", "prior_lowest", "prior_denominator") }}
            end as worst_high
        from pairs
    ),

    final as (
        select
            series_id,
            year,
            value - prior_value as yoy_change,
            if(kind = 'share', null, 100.0 * (value - prior_value) / nullif(prior_value, 0)) as yoy_pct,
            yoy_low,
            yoy_high,
            case
                when low is not null or prior_low is not null
                then coalesce(interval_kind, prior_interval_kind)
                when yoy_low is not null or yoy_high is not null
                then 'sampling'
            end as yoy_interval_kind,
            if(kind = 'share', 'points', 'percent') as yoy_interval_unit,
            worst_low,
            worst_high
        from intervals
    )

select *
from final
