-- By what a year is set against the same year of others, and within which bounds: a stock by what it gained in the
-- year, since an older one would lead for ever by its total; all else by the figure of the year.
with

    years as (
        select
            pairs.*,
            additions.net_additions,
            coalesce(additions.net_additions_low, additions.net_additions) as gained_low,
            coalesce(additions.net_additions_high, additions.net_additions) as gained_high
        from {{ ref("int_yoy__pairs") }} as pairs
        left join {{ ref("int_yoy__additions") }} as additions using (series_id, year)
    ),

    final as (
        select
            series_id,
            year,
            if(kind = 'stock', net_additions, value) as standing_value,
            if(
                kind = 'stock',
                gained_low,
                {{ ranking_bound("low", "-", "value", "denominator", "kind", "interval_kind", "is_complete") }}
            ) as ranking_low,
            if(
                kind = 'stock',
                gained_high,
                {{ ranking_bound("high", "+", "value", "denominator", "kind", "interval_kind", "is_complete") }}
            ) as ranking_high
        from years
        -- nobody leads with what was not released
        where coalesce(is_released, true)
    )

select *
from final
