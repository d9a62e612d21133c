-- What a stock gained in the year, beside what it gained in the year before: its growth. Where one end of the year lies
-- between two snapshots the gain has bounds; across a break there is none.
with

gains as (
    select
        series_id, year,
        if(is_comparable, value - prior_value, null) as net_additions,
        if(value is null or prior_value is null, coalesce(low, value) - coalesce(prior_high, prior_value), null) as net_additions_low,
        if(value is null or prior_value is null, coalesce(high, value) - coalesce(prior_low, prior_value), null) as net_additions_high
    from {{ ref('int_yoy__pairs') }}
    where kind = 'stock' and has_prior and is_same_measure
),

final as (
    select
        gains.series_id,
        gains.year,
        gains.net_additions,
        gains.net_additions_low,
        gains.net_additions_high,
        if(gains.net_additions is null, null, prior.net_additions) as net_additions_prior,
        100.0 * (gains.net_additions - prior.net_additions) / nullif(prior.net_additions, 0) as net_additions_pct
    from gains
    left join gains as prior on gains.series_id = prior.series_id and gains.year = prior.year + 1
    where coalesce(gains.net_additions, gains.net_additions_low) is not null
)

select * from final
