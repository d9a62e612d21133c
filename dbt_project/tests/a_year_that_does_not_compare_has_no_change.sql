-- No change, interval, baseline, share or gain leaks from two years that do not compare, and none at all across a break.
select series_id, year, not_comparable_reason
from {{ ref('fct_adoption_yoy') }}
where
    is_comparable <> (not_comparable_reason is null)
    or (
        not is_comparable
        and coalesce(
            yoy_change, yoy_pct, yoy_low, yoy_high, yoy_standardised, baseline_growth_pct, growth_percentile, net_additions,
            net_additions_prior, share_pct
        ) is not null
    )
    or (
        starts_with(not_comparable_reason, 'break: ')
        and coalesce(yoy_common_pct, net_additions_low, if(kind = 'stock', ranking_low, null)) is not null
    )
    or (not is_comparable and direction <> 'cannot be said')
