-- The change of each comparable pair of years, with its interval. Growth of flows and stocks is in percent; a share
-- changes in points. An interval of growth comes from the intervals of the two years; for a share it is Newcombe's,
-- which covers sampling only; for a rate it is the logarithmic interval of a ratio of two counts. Of an open upper end (growth from a number that may be 0) the bound is null.
with

pairs as (
    select
        *,
        coalesce(low, value) as lowest,
        coalesce(high, value) as highest,
        coalesce(prior_low, prior_value) as prior_lowest,
        coalesce(prior_high, prior_value) as prior_highest,
        low is not null or prior_low is not null as has_interval
    from {{ ref('int_yoy__pairs') }}
    where is_comparable
),

final as (
    select
        series_id,
        year,
        value - prior_value as yoy_change,
        if(kind = 'share', null, 100.0 * (value - prior_value) / nullif(prior_value, 0)) as yoy_pct,
        case
            when not has_interval then null
            when kind = 'share' and value - prior_value is not null then value - prior_value - sqrt(power(value - low, 2) + power(prior_high - prior_value, 2))
            when kind = 'rate' and value is not null then {{ rate_ratio_bound('-', 'value', 'prior_value', 'numerator', 'prior_numerator') }}
            when kind = 'share' then lowest - prior_highest
            else {{ growth_bound('lowest', 'prior_highest') }}
        end as yoy_low,
        case
            when not has_interval then null
            when kind = 'share' and value - prior_value is not null then value - prior_value + sqrt(power(high - value, 2) + power(prior_value - prior_low, 2))
            when kind = 'rate' and value is not null then {{ rate_ratio_bound('+', 'value', 'prior_value', 'numerator', 'prior_numerator') }}
            when kind = 'share' then highest - prior_lowest
            else {{ growth_bound('highest', 'prior_lowest') }}
        end as yoy_high,
        if(has_interval, coalesce(interval_kind, prior_interval_kind), null) as yoy_interval_kind,
        if(kind = 'share', 'points', 'percent') as yoy_interval_unit
    from pairs
)

select * from final
