-- Named windows: every monthly series of the window's metrics against its reference. Of a stock the month's gain is
-- taken. The reference is the mean of other months, or, month by month, the same month of another year. The slump
-- starts in the first month of the window that lies 5 % or more below the reference, is over in the first month after
-- the trough that does not, and neither is looked for across a break in series.
with

    windows as (
        select
            *,
            datediff('month', first_month, last_month) + 1 as months_wanted,
            coalesce(reference_first_month, make_date(same_months_of, month(first_month), 1)) as reference_start,
            coalesce(reference_last_month, make_date(same_months_of, month(last_month), 1)) as reference_last
        from {{ source("catalog", "named_windows") }}
    ),

    levels as (
        select months.*, ways.preference
        from {{ ref("int_months__primary") }} as months
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
        where ways.is_preferable
    ),

    months as (
        select levels.* replace (if(levels.kind = 'stock', levels.value - before.value, levels.value) as value)
        from levels
        left join
            levels as before
            on levels.kind = 'stock'
            and levels.series_id = before.series_id
            and before.month_date = levels.month_date - interval 1 month
    ),

    held as (
        select
            windows.window_id,
            windows.months_wanted,
            windows.first_month,
            windows.last_month,
            windows.same_months_of,
            windows.reference_start,
            windows.reference_last,
            months.*
        from windows
        inner join months on list_contains(windows.metrics, months.metric_id)
        where months.value is not null
    ),

    bases as (
        select
            window_id,
            series_id,
            avg(value order by month_date) as base,
            max(grade) as grade,
            count(*) as months_held,
            any_value(datediff('month', reference_start, reference_last) + 1) as months_wanted
        from held
        where month_date between reference_start and reference_last
        group by all
    ),

    -- every month from the window's first on, in percent of its reference, as long as no break lies between
    beside as (
        select
            held.*,
            if(held.same_months_of is null, bases.base, same.value) as reference,
            if(reference > 0, 100.0 * (held.value - reference) / reference, null) as pct,
            held.month_date <= held.last_month as is_within
        from held
        inner join bases using (window_id, series_id)
        left join
            held as same
            on held.window_id = same.window_id
            and held.series_id = same.series_id
            and same.month_date = make_date(held.same_months_of, month(held.month_date), 1)
        where
            held.month_date >= held.first_month
            and bases.months_held = bases.months_wanted
            and not exists (
                from {{ ref("int_breaks__by_series") }} as breaks
                where
                    breaks.series_id = held.series_id
                    and breaks.start_date < held.month_date + interval 1 month
                    and breaks.end_date > held.reference_start
            )
    ),

    within_window as (
        select
            beside.window_id,
            beside.series_id,
            count(beside.reference) as months_compared,
            avg(beside.value order by beside.month_date) as mean,
            avg(beside.reference order by beside.month_date) as reference_mean,
            100.0 * (mean - reference_mean) / reference_mean as effect_pct,
            min(beside.month_date) filter (beside.pct <= -5) as start_date,
            arg_min(beside.month_date, (beside.pct, beside.month_date)) as trough_date,
            min(beside.pct) as trough_pct,
            max({{ worst_grade(["beside.grade", "bases.grade"]) }}) as grade,
            string_agg(distinct beside.grade_reason, '; ' order by beside.grade_reason) as grade_reason,
            string_agg(distinct beside.bias, ', ' order by beside.bias) as bias
        from beside
        inner join bases using (window_id, series_id)
        where beside.is_within
        group by beside.window_id, beside.series_id
    ),

    returns as (
        select beside.window_id, beside.series_id, min(beside.month_date) as back_date
        from beside
        inner join within_window using (window_id, series_id)
        where within_window.start_date is not null and beside.month_date > within_window.trough_date and beside.pct > -5
        group by all
    ),

    series as (
        select
            window_id,
            series_id,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            segment,
            basis,
            kind,
            unit,
            preference,
            first_month,
            last_month,
            reference_start,
            reference_last,
            months_wanted,
            count(*) as window_months_held
        from held
        where month_date between first_month and last_month
        group by all
    ),

    judged as (
        select
            series.*,
            within_window.* exclude (window_id, series_id),
            returns.back_date,
            coalesce(bases.months_held, 0) as reference_months_held,
            datediff('month', series.reference_start, series.reference_last) + 1 as reference_months_wanted,
            coalesce(
                within_window.months_compared = series.months_wanted and within_window.reference_mean > 0, false
            ) as is_whole
        from series
        left join bases using (window_id, series_id)
        left join within_window using (window_id, series_id)
        left join returns using (window_id, series_id)
    ),

    final as (
        select
            window_id,
            series_id,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            segment,
            basis,
            preference,
            if(kind = 'stock', unit || ' gained', unit) as unit,
            first_month as period_start,
            (last_month + interval 1 month)::date as period_end,
            reference_start,
            (reference_last + interval 1 month)::date as reference_end,
            if(is_whole, mean, null) as mean,
            if(is_whole, reference_mean, null) as reference_mean,
            if(is_whole, effect_pct, null) as effect_pct,
            if(is_whole, start_date, null) as start_date,
            if(is_whole, trough_date, null) as trough_date,
            if(is_whole, trough_pct, null) as trough_pct,
            if(is_whole, back_date, null) as back_date,
            case
                when is_whole
                then null
                when window_months_held < months_wanted
                then window_months_held || ' of ' || months_wanted || ' months are held'
                when reference_months_held < reference_months_wanted
                then reference_months_held || ' of ' || reference_months_wanted || ' months of the reference are held'
                when reference_mean <= 0
                then 'nothing in the reference to compare with'
                else 'a break in series lies between'
            end as no_data_reason,
            bias,
            grade,
            grade_reason
        from judged
    )

select *
from final
