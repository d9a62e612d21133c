-- Monthly values in which anomalies can be looked for. A month of a window is the window that ends nearest to its end,
-- at most 15 days off, on the scale of the month; nothing is interpolated. Of a stock that the catalog wants as
-- increments the month's gain is taken, of other stocks the level. `days` is what a count was made over, null where
-- nothing is counted per day.
with

    observations as (
        -- movements are looked for in what was counted, also where it is no figure of use
        select observations.* replace (if(interval_kind = 'companion', high, value) as value), metrics.detect
        from {{ ref("int_observations__graded") }} as observations
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        where
            observations.entity_type <> 'contender'
            and observations.member = 'primary'
            and metrics.detect <> 'none'
            and observations.grain <> 'year'
    ),

    windows as (
        select
            *,
            -- the boundary between two months that is nearest to the window's end
            date_trunc('month', period_end + 15)::date as boundary,
            period_end - period_start as window_days
        from observations
        where grain = 'month' and period_end - period_start between 2 and 31
    ),

    nearest as (
        select *, (boundary - interval 1 month)::date as month_date
        from windows
        where abs(boundary - period_end) <= 15
        qualify
            row_number() over (partition by series_id, boundary order by abs(boundary - period_end), period_end desc)
            = 1
    ),

    counted as (
        select
            series_id,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            segment,
            basis,
            month_date,
            if(kind = 'flow', value * (boundary - month_date) / window_days, value) as value,
            if(kind = 'flow', boundary - month_date, null) as days,
            -- a count of a calendar month may have been taken before the month was loaded; a window is what it is
            if(period_start = month_date and period_end = boundary, available_at, null) as counted_at
        from nearest
    ),

    levels as (
        select
            series_id,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            segment,
            basis,
            month_date,
            value,
            window_start_date,
            null::timestamp as counted_at
        from {{ ref("int_months__resolved") }}
        where kind = 'stock' and entity_type <> 'contender' and member = 'primary'
    ),

    stocks as (
        select
            levels.* exclude (window_start_date) replace (
                if(
                    metrics.detect = 'increments',
                    levels.value - lag(levels.value) over (partition by levels.series_id order by levels.month_date),
                    levels.value
                ) as value
            ),
            if(
                metrics.detect = 'increments',
                levels.window_start_date
                - lag(levels.window_start_date) over (partition by levels.series_id order by levels.month_date),
                null
            ) as days
        from levels
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        where metrics.detect <> 'none'
    ),

    final as (
        select *
        from counted
        union all by name
        select *
        from stocks
    )

select *
from final
