-- One value per series and month. A series that is counted takes the exact calendar month, else the month estimated
-- from the window that ends nearest to its end, at most 3 days off: a flow is scaled to the month's length, a share, a
-- rate or an index is not. A stock is its last snapshot within the 7 days before the month's end, else unknown between
-- its neighbouring snapshots. What was added to a total between two snapshots, each within the 7 days before the end of
-- a month, is the month's as it is: twelve of them are what was added in the year.
with

    observations as (select * from {{ ref("int_observations__graded") }} where grain <> 'year'),

    windows as (
        select *, date_trunc('month', period_end + 3)::date as boundary, period_end - period_start as window_days
        from observations
        where kind <> 'stock' and grain <> 'difference' and period_end - period_start between 2 and 31
    ),

    window_candidates as (
        select
            *,
            (boundary - interval 1 month)::date as month_date,
            period_start = (boundary - interval 1 month)::date and period_end = boundary as is_exact,
            if(kind = 'flow', (boundary - (boundary - interval 1 month)::date)::double / window_days, 1) as scale
        from windows
        where abs(boundary - period_end) <= 3
        qualify
            row_number() over (
                partition by series_id, month_date order by is_exact desc, abs(boundary - period_end), period_end desc
            )
            = 1
    ),

    counted as (
        select
            * replace (value * scale as value, low * scale as low, high * scale as high),
            value as window_value,
            if(is_exact, 'exact_month', 'estimated_month') as method
        from window_candidates
    ),

    differences as (
        select *, value as window_value, 'difference' as method, date_trunc('month', period_end)::date as month_date
        from observations
        where grain = 'difference' and period_end - period_start < 40
    ),

    snapshots as (select * from observations where kind = 'stock'),

    -- every month from a series' first snapshot to its last
    month_ends as (
        select
            series_id,
            unnest(generate_series(date_trunc('month', min(period_start)), max(period_start), interval 1 month))::date
            as month_date
        from snapshots
        group by series_id
    ),

    boundaries as (select series_id, month_date, (month_date + interval 1 month)::date as boundary from month_ends),

    before as (
        select boundaries.month_date, boundaries.boundary, snapshots.*
        from boundaries
        asof inner join
            snapshots on boundaries.series_id = snapshots.series_id and boundaries.boundary > snapshots.period_start
    ),

    stocks as (
        select
            before.* replace (
                if(before.is_close, before.value, null) as value,
                if(before.is_close, before.low, least(before.value, after.value)) as low,
                if(before.is_close, before.high, greatest(before.value, after.value)) as high,
                if(before.is_close, before.interval_kind, 'bracket') as interval_kind
            ),
            if(before.is_close, 'snapshot', 'bracket') as method
        from (select *, boundary - period_start <= 7 as is_close from before) as before
        asof left join
            snapshots as after on before.series_id = after.series_id and before.boundary <= after.period_start
        where before.is_close or after.value is not null
    ),

    months as (
        select *
        from counted
        union all by name
        select *
        from differences
        union all by name
        select *
        from stocks
    ),

    final as (
        select
            series_id,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            external_name,
            member,
            segment,
            basis,
            kind,
            unit,
            month_date,
            period_start as window_start_date,
            period_end as window_end_date,
            coalesce(window_value, value) as window_value,
            value,
            numerator,
            denominator,
            low,
            high,
            interval_kind,
            instrument,
            method,
            -- what a window that is not the month can move a flow by, in percent: the shorter, the more
            case
                when kind = 'flow' and method = 'estimated_month'
                then if(window_days < 27, 5, 3)
                when method = 'difference'
                then 3
                else 0
            end as tolerance_pct,
            entities.released is null or month_date + interval 1 month > entities.released as is_released,
            bias,
            {{
                worst_grade(
                    [
                        "grade",
                        "case when method in ('estimated_month', 'bracket') then 'C' when method = 'difference' "
                        ~ "then 'B' else 'A' end",
                    ]
                )
            }} as grade,
            {{
                join_reasons(
                    [
                        "grade_reason",
                        "case method when 'estimated_month' then 'estimated from a window that is not the month' "
                        ~ "when 'difference' then 'between snapshots within 7 days before the ends of months' "
                        ~ "when 'bracket' then 'no snapshot within 7 days before the end of the month' end",
                    ]
                )
            }} as grade_reason,
            extract_id,
            landed_at,
            available_at
        from months
        left join {{ source("catalog", "entities") }} as entities using (entity_type, entity_id)
    )

select *
from final
