-- Stretches of months that end with a held month, and the stretch each is compared with: the last three months and the
-- same three a year ago, the last twelve and the twelve before. Never other months of the calendar: that would compare
-- seasons. A flow is summed over a stretch; of a stock it is what was added from the month before it to its last.
with

    months as (
        select months.*
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

    ends as (
        select distinct months.series_id, months.month_date as last_month_date, measures.*
        from months
        cross join measures
    ),

    stretches as (
        select
            *,
            is_prior,
            (last_month_date + interval 1 month - to_months(if(is_prior, apart_months, 0)))::date as period_end
        from ends
        cross join (values (false), (true)) as sides(is_prior)
    ),

    bounded as (select *, (period_end - to_months(span_months))::date as period_start from stretches),

    counted as (
        select
            bounded.series_id,
            bounded.measure,
            bounded.last_month_date,
            bounded.is_prior,
            bounded.span_months,
            bounded.period_start,
            bounded.period_end,
            months.kind,
            count(*) as months_held,
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
        from bounded
        inner join
            months
            on bounded.series_id = months.series_id
            and months.month_date >= bounded.period_start
            and months.month_date < bounded.period_end
        where months.kind <> 'stock'
        group by
            bounded.series_id,
            bounded.measure,
            bounded.last_month_date,
            bounded.is_prior,
            bounded.span_months,
            bounded.period_start,
            bounded.period_end,
            months.kind
    ),

    added as (
        select
            bounded.series_id,
            bounded.measure,
            bounded.last_month_date,
            bounded.is_prior,
            bounded.span_months,
            bounded.period_start,
            bounded.period_end,
            later.kind,
            bounded.span_months as months_held,
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
        from bounded
        inner join
            months as later
            on bounded.series_id = later.series_id
            and bounded.period_end = later.month_date + interval 1 month
        inner join
            months as earlier
            on bounded.series_id = earlier.series_id
            and bounded.period_start = earlier.month_date + interval 1 month
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
