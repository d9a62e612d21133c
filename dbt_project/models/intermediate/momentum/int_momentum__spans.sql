-- Whole stretches of months, each by its last month: three months, which are compared with the same three a year ago,
-- and
-- twelve, with the twelve before. Never other months of the calendar: that would compare seasons. A flow is summed over
-- a stretch; of a stock it is what was added from the month before it to its last.
with

    months as (
        select
            months.series_id,
            months.month_date,
            months.kind,
            months.value,
            months.numerator,
            months.denominator,
            months.low,
            months.high,
            months.instrument,
            months.grade,
            months.grade_reason
        from {{ ref("int_months__resolved") }} as months
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
        where months.member = 'primary' and months.segment = 'all' and ways.is_preferable
    ),

    measures as (
        select *
        from
            (values ('three_months_on_a_year_ago', 3, 12), ('twelve_months_on_twelve_before', 12, 12)) as measures(
                measure, span_months, apart_months
            )
    ),

    stretches as (
        select distinct
            months.series_id,
            measures.*,
            months.month_date as last_month_date,
            (months.month_date + to_months(1 - measures.span_months))::date as period_start,
            (months.month_date + interval 1 month)::date as period_end
        from months
        cross join measures
    ),

    counted as (
        select
            stretches.series_id,
            stretches.measure,
            stretches.last_month_date,
            stretches.apart_months,
            stretches.period_start,
            stretches.period_end,
            months.kind,
            if(
                count(value) = count(*), {{ whole_period("value", "denominator", "kind", "month_date") }}, null
            ) as value,
            if(count(value) = count(*), sum(numerator), null) as numerator,
            {{ aggregate_bound("low", "value", "denominator", "kind", "month_date") }} as low,
            {{ aggregate_bound("high", "value", "denominator", "kind", "month_date") }} as high,
            min(instrument) as first_instrument,
            max(instrument) as last_instrument,
            max(grade) as grade,
            string_agg(distinct grade_reason, '; ' order by grade_reason) as grade_reason
        from stretches
        inner join
            months
            on stretches.series_id = months.series_id
            and months.month_date >= stretches.period_start
            and months.month_date < stretches.period_end
        where months.kind <> 'stock'
        group by
            stretches.series_id,
            stretches.measure,
            stretches.last_month_date,
            stretches.apart_months,
            stretches.span_months,
            stretches.period_start,
            stretches.period_end,
            months.kind
        having count(*) = stretches.span_months
    ),

    added as (
        select
            stretches.series_id,
            stretches.measure,
            stretches.last_month_date,
            stretches.apart_months,
            stretches.period_start,
            stretches.period_end,
            later.kind,
            later.value - earlier.value as value,
            null::double as numerator,
            if(
                later.value is null or earlier.value is null,
                coalesce(later.low, later.value) - coalesce(earlier.high, earlier.value),
                null
            ) as low,
            if(
                later.value is null or earlier.value is null,
                coalesce(later.high, later.value) - coalesce(earlier.low, earlier.value),
                null
            ) as high,
            later.instrument as first_instrument,
            later.instrument as last_instrument,
            greatest(later.grade, earlier.grade) as grade,
            {{ join_reasons(["earlier.grade_reason", "later.grade_reason"]) }} as grade_reason
        from stretches
        inner join
            months as later on stretches.series_id = later.series_id and stretches.last_month_date = later.month_date
        inner join
            months as earlier
            on stretches.series_id = earlier.series_id
            and stretches.period_start = earlier.month_date + interval 1 month
        where later.kind = 'stock'
    ),

    final as (
        select *
        from counted
        union all
        select *
        from added
    )

select *
from final
