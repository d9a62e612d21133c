-- A billionth is left for rounding. Shares are percentages, and nothing that is counted is below zero.
select series_id, period_start, kind, value, low, high
from {{ ref("fct_observations") }}
where
    low > value + 1e-9
    or value > high + 1e-9
    or low > high + 1e-9
    or least(value, low) < -1e-9
    or (kind = 'share' and greatest(value, high) > 100 + 1e-9)
union all by name
select series_id, period_start, kind, value, low, high
from {{ ref("fct_adoption_yearly") }}
where
    low > value + 1e-9
    or value > high + 1e-9
    or low > high + 1e-9
    or least(value, low) < -1e-9
    or (kind = 'share' and greatest(value, high) > 100 + 1e-9)
