-- One row per series and month that is held, headline members only.
with

    final as (
        select
            months.* exclude (landed_at, window_start_date, window_end_date, window_value, tolerance_pct),
            preferred.series_id is not null as is_preferred
        from {{ ref("int_months__primary") }} as months
        left join
            {{ ref("int_months__preferred") }} as preferred
            on months.series_id = preferred.series_id
            and year(months.month_date) = preferred.year
    )

select *
from final
