-- Measures over months of one series; every month must be held: `months_mean` and `months_total` of the monthly values;
-- `months_growth` in percent, on the same months of the year before, no break between; `months_ratio` of the counts of
-- two entities, with its sampling interval (95 %, on a logarithmic scale); `windows_mean` of the published windows that
-- end within 3 days of the months' ends, not scaled to months.
with

    readings as (
        select *, datediff('month', first_month, last_month) + 1 as months_wanted
        from {{ ref("int_claims__readings") }}
        where first_month is not null
    ),

    months as (select * from {{ ref("int_months__primary") }} where kind <> 'stock'),

    windows as (
        select
            series_id,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            segment,
            basis,
            unit,
            value,
            bias,
            grade,
            grade_reason,
            period_end - period_start as window_days,
            (date_trunc('month', period_end + 3) - interval 1 month)::date as month_date,
            period_end
        from {{ ref("int_observations__graded") }}
        where
            grain = 'month'
            and member = 'primary'
            and period_end - period_start between 2 and 31
            and abs(date_trunc('month', period_end + 3)::date - period_end) <= 3
        qualify
            row_number() over (
                partition by series_id, month_date
                order by abs((month_date + interval 1 month)::date - period_end), window_days desc
            )
            = 1
    ),

    valued as (
        select
            readings.claim_id,
            readings.reading_id,
            months.series_id,
            months.source_id,
            months.basis,
            months.unit,
            months.month_date,
            if(readings.measure = 'months_ratio', coalesce(months.numerator, months.value), months.value) as value,
            if(readings.measure = 'months_ratio', coalesce(other.numerator, other.value), prior.value) as prior_value,
            months.bias,
            months.grade,
            months.grade_reason,
            coalesce(prior.grade, other.grade) as prior_grade,
            strftime(months.month_date, '%Y-%m')
            || ': '
            || {{
                figure(
                    "if(readings.measure = 'months_ratio', coalesce(months.numerator, months.value), months.value)"
                )
            }}
            || case
                readings.measure
                when 'months_growth'
                then ', a year before ' || {{ figure("prior.value") }}
                when 'months_ratio'
                then ' against ' || {{ figure("coalesce(other.numerator, other.value)") }}
                else ''
            end as line
        from readings
        inner join
            months
            on readings.metric_id = months.metric_id
            and readings.entity_type = months.entity_type
            and readings.entity_id = months.entity_id
            and readings.segment = months.segment
            and months.month_date between readings.first_month and readings.last_month
        left join
            months as prior
            on readings.measure = 'months_growth'
            and months.series_id = prior.series_id
            and prior.month_date = months.month_date - interval 1 year
        left join
            months as other
            on readings.measure = 'months_ratio'
            and readings.over_entity_type = other.entity_type
            and readings.over_entity_id = other.entity_id
            and months.metric_id = other.metric_id
            and months.source_id = other.source_id
            and months.basis = other.basis
            and months.segment = other.segment
            and months.month_date = other.month_date
        where readings.measure <> 'windows_mean'
        union all by name
        select
            readings.claim_id,
            readings.reading_id,
            windows.series_id,
            windows.source_id,
            windows.basis,
            windows.unit,
            windows.month_date,
            windows.value,
            windows.bias,
            windows.grade,
            windows.grade_reason,
            windows.window_days
            || ' days to '
            || (windows.period_end - 1)
            || ': '
            || {{ figure("windows.value") }} as line
        from readings
        inner join
            windows
            on readings.metric_id = windows.metric_id
            and readings.entity_type = windows.entity_type
            and readings.entity_id = windows.entity_id
            and readings.segment = windows.segment
            and windows.month_date between readings.first_month and readings.last_month
        where readings.measure = 'windows_mean'
    ),

    summed as (
        select
            claim_id,
            reading_id,
            series_id,
            source_id,
            basis,
            any_value(unit) as unit,
            sum(value order by month_date) as value,
            sum(prior_value order by month_date) as prior_value,
            count(value) as months_held,
            count(prior_value) as prior_months_held,
            list(line order by month_date) as evidence,
            string_agg(distinct bias, ', ' order by bias) as bias,
            max({{ worst_grade(["grade", "coalesce(prior_grade, grade)"]) }}) as grade,
            string_agg(distinct grade_reason, '; ' order by grade_reason) as grade_reason
        from valued
        group by claim_id, reading_id, series_id, source_id, basis
    ),

    judged as (
        select
            readings.metric_id,
            readings.measure,
            readings.months_wanted,
            readings.first_month,
            readings.last_month,
            summed.*,
            case
                when summed.months_held < readings.months_wanted
                then summed.months_held || ' of ' || readings.months_wanted || ' months are held'
                when readings.measure = 'months_growth' and summed.prior_months_held < readings.months_wanted
                then summed.prior_months_held || ' of ' || readings.months_wanted || ' months are held a year before'
                when readings.measure = 'months_ratio' and summed.prior_months_held < readings.months_wanted
                then
                    summed.prior_months_held
                    || ' of '
                    || readings.months_wanted
                    || ' months are held of '
                    || readings.over_entity_id
                when
                    readings.measure = 'months_growth'
                    and exists (
                        from {{ ref("int_breaks__by_series") }} as breaks
                        where
                            breaks.series_id = summed.series_id
                            and breaks.start_date < readings.last_month + interval 1 month
                            and breaks.end_date > readings.first_month - interval 1 year
                    )
                then 'a break in series lies between'
            end as no_data_reason
        from summed
        inner join readings using (claim_id, reading_id)
        where readings.source_id is null or (readings.source_id = summed.source_id and readings.basis = summed.basis)
    ),

    final as (
        select
            claim_id,
            reading_id,
            series_id,
            metric_id,
            source_id,
            basis,
            case measure when 'months_growth' then 'percent' when 'months_ratio' then 'times' else unit end as unit,
            case
                when no_data_reason is not null
                then null
                when measure = 'months_total'
                then value
                when measure = 'months_growth'
                then 100.0 * (value - prior_value) / nullif(prior_value, 0)
                when measure = 'months_ratio'
                then value / nullif(prior_value, 0)
                else value / months_wanted
            end as value,
            if(
                measure = 'months_ratio' and no_data_reason is null, {{ ratio_bound(-1, "value", "prior_value") }}, null
            ) as low,
            if(
                measure = 'months_ratio' and no_data_reason is null, {{ ratio_bound(1, "value", "prior_value") }}, null
            ) as high,
            if(measure = 'months_ratio' and no_data_reason is null, 'sampling', null) as interval_kind,
            first_month as period_start,
            (last_month + interval 1 month)::date as period_end,
            case
                when contains(no_data_reason, 'break')
                then 'not comparable'
                when no_data_reason is not null
                then 'no data'
            end as unknown_answer,
            no_data_reason,
            evidence,
            bias,
            grade,
            grade_reason
        from judged
    )

select *
from final
