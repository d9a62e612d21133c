-- On a logarithmic scale the interval is as wide on both sides, and as wide as both counts make it.
with

    pairs as (
        select
            changes.*,
            ln(1 + changes.yoy_pct / 100) as log_growth,
            ln(1 + changes.yoy_low / 100) as log_low,
            ln(1 + changes.yoy_high / 100) as log_high,
            1.959964 * sqrt(1 / pairs.numerator + 1 / pairs.prior_numerator) as half_width
        from {{ ref("int_yoy__changes") }} as changes
        inner join {{ ref("int_yoy__pairs") }} as pairs using (series_id, year)
        where pairs.kind = 'rate' and pairs.numerator > 0 and pairs.prior_numerator > 0 and pairs.value is not null
    )

select series_id, year, yoy_pct, yoy_low, yoy_high, half_width
from pairs
where
    abs(log_growth - half_width - log_low) > 1e-9
    or abs(log_growth + half_width - log_high) > 1e-9
    or yoy_low is null
    or yoy_high is null
