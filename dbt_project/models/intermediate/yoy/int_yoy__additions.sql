-- What a stock gained in the year, beside what it gained in the year before: its growth and its pace. Where one end of
-- the year lies between two snapshots the gain has bounds; across a break there is none. A gain can be zero or
-- negative: the change of it is a percentage only where both years gained, and the pace is told by counts.
with

    gains as (
        select
            series_id,
            year,
            if(is_comparable, value - prior_value, null) as net_additions,
            if(
                value is null or prior_value is null, coalesce(low, value) - coalesce(prior_high, prior_value), null
            ) as net_additions_low,
            if(
                value is null or prior_value is null, coalesce(high, value) - coalesce(prior_low, prior_value), null
            ) as net_additions_high
        from {{ ref("int_yoy__pairs") }}
        where kind = 'stock' and has_prior and is_same_measure
    ),

    ends as (
        select
            *,
            coalesce(net_additions_low, net_additions) as lowest,
            coalesce(net_additions_high, net_additions) as highest
        from gains
        where coalesce(net_additions, net_additions_low) is not null
    ),

    final as (
        select
            ends.series_id,
            ends.year,
            ends.net_additions,
            ends.net_additions_low,
            ends.net_additions_high,
            prior.net_additions as net_additions_prior,
            prior.net_additions_low as net_additions_prior_low,
            prior.net_additions_high as net_additions_prior_high,
            {{ growth_of_positives("ends.net_additions", "prior.net_additions") }} as net_additions_pct,
            {{ pace_of("ends.lowest", "ends.highest", "prior.lowest", "prior.highest") }} as pace
        from ends
        left join ends as prior on ends.series_id = prior.series_id and ends.year = prior.year + 1
    )

select *
from final
