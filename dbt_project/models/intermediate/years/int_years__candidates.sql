-- Every way in which a series has a value for a calendar year, best first: the exact year, twelve exact months, a
-- window with each edge within three days of the year, what was added to a total between the last snapshots of two
-- years, twelve months some of which are estimated, and, incomplete, fewer months. Stocks take the end of December; a
-- survey belongs to the year in which its fieldwork began.
with

    observations as (select * from {{ ref("int_observations__graded") }}),

    months as (select * from {{ ref("int_months__resolved") }}),

    windows as (
        select
            *,
            year(period_start + 7)::integer as year,
            make_date(year(period_start + 7), 1, 1) as year_start,
            make_date(year(period_start + 7) + 1, 1, 1) as year_end,
            -- of a total the last snapshot within seven days before the end of a year counts
            if(grain = 'difference', 7, 3) as days_off
        from observations
        where
            (grain = 'month' and period_end - period_start > 31)
            or (grain = 'difference' and period_end - period_start > 40)
    ),

    year_windows as (
        select
            * exclude (period_start, period_end),
            period_start,
            period_end,
            case
                when grain = 'difference'
                then 'year_difference'
                when period_start = year_start and period_end = year_end
                then 'exact_year'
                else 'near_calendar_window'
            end as method,
            true as is_complete,
            12 as months_held,
            100.0
            * (least(period_end, year_end) - greatest(period_start, year_start))
            / (year_end - year_start) as year_coverage_pct,
            [extract_id] as extract_ids
        from windows
        where abs(period_start - year_start) <= days_off and abs(period_end - year_end) <= days_off
    ),

    -- flows add up, shares and rates are divided anew, an index is averaged, never summed
    month_sums as (
        select
            series_id,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            arg_max(external_name, month_date) as external_name,
            member,
            segment,
            basis,
            kind,
            unit,
            year(month_date)::integer as year,
            if(
                count(value) = count(*), {{ whole_period("value", "denominator", "kind", "month_date") }}, null
            ) as value,
            if(count(value) = count(*), sum(numerator), null) as numerator,
            sum(denominator) as denominator,
            {{ aggregate_bound("low", "value", "denominator", "kind", "month_date") }} as low,
            {{ aggregate_bound("high", "value", "denominator", "kind", "month_date") }} as high,
            max(interval_kind) filter (value is null) as interval_kind,
            if(
                count(distinct instrument) > 1,
                'several: ' || string_agg(distinct instrument, ', ' order by instrument),
                any_value(instrument)
            ) as instrument,
            count(*) = 12 as is_complete,
            count(*)::integer as months_held,
            case
                when count(*) < 12
                then 'incomplete'
                when bool_and(method = 'exact_month')
                then 'twelve_exact_months'
                else 'estimated_months'
            end as method,
            100.0 * count(*) / 12 as year_coverage_pct,
            min(month_date) as period_start,
            (max(month_date) + interval 1 month)::date as period_end,
            list(strftime(month_date, '%m') order by month_date) as months,
            max(tolerance_pct) as tolerance_pct,
            max(grade) as grade,
            string_agg(distinct grade_reason, '; ' order by grade_reason) as grade_reason,
            string_agg(distinct bias, ', ' order by bias) as bias,
            list_sort(list_distinct(list(extract_id))) as extract_ids,
            max(landed_at) as landed_at,
            max(available_at) as available_at
        from months
        where kind <> 'stock'
        group by
            series_id,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            member,
            segment,
            basis,
            kind,
            unit,
            year(month_date)
    ),

    year_ends as (
        select
            *,
            year(month_date)::integer as year,
            method = 'snapshot' as is_complete,
            if(method = 'snapshot', 100.0, 0.0) as year_coverage_pct,
            month_date as period_start,
            (month_date + interval 1 month)::date as period_end,
            [extract_id] as extract_ids
        from months
        where kind = 'stock' and month(month_date) = 12
    ),

    editions as (
        select
            *,
            year(period_start)::integer as year,
            'edition' as method,
            true as is_complete,
            100.0 as year_coverage_pct,
            [extract_id] as extract_ids
        from observations
        where grain = 'year'
    ),

    candidates as (
        select *
        from year_windows
        union all by name
        select *
        from month_sums
        union all by name
        select *
        from year_ends
        union all by name
        select *
        from editions
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
            year,
            period_start,
            period_end,
            value,
            numerator,
            denominator,
            case
                when is_counted_rate
                then 10 * {{ wilson_bound("numerator", "denominator", "-") }}
                when is_counted_share
                then {{ wilson_bound("numerator", "denominator", "-") }}
                else low
            end as low,
            case
                when is_counted_rate
                then 10 * {{ wilson_bound("numerator", "denominator", "+") }}
                when is_counted_share
                then {{ wilson_bound("numerator", "denominator", "+") }}
                else high
            end as high,
            if(is_counted_rate or is_counted_share, 'sampling', interval_kind) as interval_kind,
            coalesce(tolerance_pct, 0) as tolerance_pct,
            instrument,
            method,
            is_complete,
            months_held,
            months,
            list_position(
                [
                    'exact_year',
                    'twelve_exact_months',
                    'near_calendar_window',
                    'year_difference',
                    'estimated_months',
                    'snapshot',
                    'edition',
                    'bracket',
                    'incomplete'
                ],
                method
            ) as method_rank,
            year_coverage_pct as coverage_pct,
            bias,
            {{
                worst_grade(
                    [
                        "grade",
                        "case method when 'near_calendar_window' then 'B' when 'year_difference' then 'B' "
                        ~ "when 'estimated_months' then 'C' when 'bracket' then 'C' when 'incomplete' then 'D' "
                        ~ "else 'A' end",
                    ]
                )
            }} as grade,
            {{
                join_reasons(
                    [
                        "grade_reason",
                        "case method when 'near_calendar_window' "
                        ~ "then 'a window within three days of the calendar year' when 'year_difference' "
                        ~ "then 'between the snapshots of ' || period_start || ' and ' || period_end "
                        ~ "when 'incomplete' then months_held || ' of 12 months' end",
                    ]
                )
            }} as grade_reason,
            extract_ids,
            available_at
        from
            (
                select
                    *,
                    kind = 'rate' and value is not null and numerator is not null as is_counted_rate,
                    -- a share of an edition is a sample, also where whoever counted it gave no interval
                    kind = 'share'
                    and method = 'edition'
                    and value is not null
                    and low is null
                    and numerator is not null as is_counted_share
                from candidates
            )
    )

select *
from final
