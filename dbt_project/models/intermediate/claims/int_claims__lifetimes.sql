-- A year over everything counted before it (lifetime_multiple), or all of it over what came before (lifetime_total),
-- from the months of one series. Where a break says how many there were for each one counted, what came before lies
-- within bounds, and so does the multiple; where years before are known to be undercounted by no known factor, the
-- multiple is an upper bound only.
with

    readings as (
        select * from {{ ref("int_claims__readings") }} where measure in ('lifetime_multiple', 'lifetime_total')
    ),

    undercounts as (
        select
            reached.series_id,
            reached.end_date,
            breaks.undercount_at_least as at_least,
            breaks.undercount_at_most as at_most
        from {{ ref("int_breaks__by_series") }} as reached
        inner join {{ source("catalog", "breaks") }} as breaks on reached.break_id = breaks.id
        where breaks.undercount_at_least is not null
    ),

    months as (
        select
            readings.claim_id,
            readings.reading_id,
            readings.measure,
            readings.year,
            months.series_id,
            months.metric_id,
            months.source_id,
            months.basis,
            months.month_date,
            months.value,
            months.grade,
            months.grade_reason,
            coalesce(undercounts.at_least, 1) as at_least,
            coalesce(undercounts.at_most, 1) as at_most,
            undercounts.series_id is null and contains(coalesce(months.bias, ''), 'low') as is_undercounted
        from readings
        inner join {{ ref("int_months__primary") }} as months using (metric_id, entity_type, entity_id, segment)
        left join undercounts on months.series_id = undercounts.series_id and months.month_date < undercounts.end_date
        where
            (readings.source_id is null or readings.source_id = months.source_id)
            and (readings.basis is null or readings.basis = months.basis)
            and year(months.month_date) <= readings.year
            and months.value is not null
    ),

    summed as (
        select
            claim_id,
            reading_id,
            measure,
            year,
            series_id,
            metric_id,
            source_id,
            basis,
            sum(value order by month_date) filter (year(month_date) = year) as this_year,
            count(*) filter (year(month_date) = year) as months_held,
            sum(value order by month_date) filter (year(month_date) < year) as before,
            sum(value * at_least order by month_date) filter (year(month_date) < year) as before_low,
            sum(value * at_most order by month_date) filter (year(month_date) < year) as before_high,
            coalesce(bool_or(is_undercounted) filter (year(month_date) < year), false) as is_undercounted_before,
            min(month_date) as first_month,
            max(grade) as grade,
            string_agg(distinct grade_reason, '; ' order by grade_reason) as grade_reason
        from months
        group by all
    ),

    multiplied as (
        select
            *,
            case
                when months_held < 12
                then months_held || ' of 12 months of ' || year || ' are held'
                when before is null or before = 0
                then 'there is no data before ' || year
            end as no_data_reason,
            if(
                no_data_reason is null, this_year / before_high + if(measure = 'lifetime_total', 1, 0), null
            ) as multiple_low,
            if(
                no_data_reason is null, this_year / before_low + if(measure = 'lifetime_total', 1, 0), null
            ) as multiple_high,
            before_low < before_high as has_bounds
        from summed
    ),

    final as (
        select
            claim_id,
            reading_id,
            series_id,
            metric_id,
            source_id,
            basis,
            'times' as unit,
            if(has_bounds or is_undercounted_before, null, multiple_low) as value,
            case
                when is_undercounted_before then if(measure = 'lifetime_total', 1, 0) when has_bounds then multiple_low
            end as low,
            if(has_bounds or is_undercounted_before, multiple_high, null) as high,
            if(has_bounds or is_undercounted_before, 'bound', null) as interval_kind,
            first_month as period_start,
            make_date(year + 1, 1, 1) as period_end,
            if(no_data_reason is null, null, 'no data') as unknown_answer,
            no_data_reason,
            list_filter(
                [
                    year || ': ' || {{ figure("this_year") }},
                    'counted before, since ' || strftime(first_month, '%Y-%m') || ': ' || {{ figure("before") }},
                    if(
                        has_bounds,
                        'as it was, by what the log is known to have lost: '
                        || {{ figure("before_low") }}
                        || ' to '
                        || {{ figure("before_high") }},
                        null
                    ),
                    if(is_undercounted_before, 'an upper bound: months before are known to be undercounted', null)
                ],
                lambda line:line is not null
            ) as evidence,
            null::varchar as bias,
            grade,
            grade_reason
        from multiplied
    )

select *
from final
