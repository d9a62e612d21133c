-- No change, interval, share or gain leaks from two years that do not compare, and none at all across a break; a
-- direction then rests on common months or on a lower bound, never on the two years.
select series_id, year, not_comparable_reason
from {{ ref("fct_adoption_yoy") }}
where
    is_comparable <> (not_comparable_reason is null)
    or (
        not is_comparable
        and coalesce(yoy_change, yoy_pct, yoy_low, yoy_high, yoy_standardised, net_additions, share_pct) is not null
    )
    or (not is_comparable and yoy_common_pct is null and coalesce(baseline_growth_pct, growth_percentile) is not null)
    or (
        starts_with(not_comparable_reason, 'break: ')
        and coalesce(yoy_at_least_pct, net_additions_low, if(kind = 'stock', ranking_low, null)) is not null
    )
    or (
        not is_comparable
        and direction in ('up', 'down', 'flat', 'inconclusive')
        and kind <> 'stock'
        and compared_on not in ('common months', 'lower bound')
    )
    or (compared_on is null and direction not in ('not comparable', 'no data'))
