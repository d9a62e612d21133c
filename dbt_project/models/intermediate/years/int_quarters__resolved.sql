-- One row per series and quarter of which all three months are held.
with

    months as (select * from {{ ref("int_months__resolved") }} where kind <> 'stock' and member = 'primary'),

    summed as (
        select
            series_id,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            arg_max(external_name, month_date) as external_name,
            segment,
            basis,
            kind,
            unit,
            date_trunc('quarter', month_date)::date as quarter_date,
            if(
                count(value) = count(*), {{ whole_period("value", "denominator", "kind", "month_date") }}, null
            ) as value,
            if(count(value) = count(*), sum(numerator), null) as numerator,
            sum(denominator) as denominator,
            {{ aggregate_bound("low", "value", "denominator", "kind", "month_date") }} as low,
            {{ aggregate_bound("high", "value", "denominator", "kind", "month_date") }} as high,
            max(interval_kind) filter (value is null) as interval_kind,
            max(grade) as grade,
            string_agg(distinct grade_reason, '; ' order by grade_reason) as grade_reason
        from months
        group by
            series_id,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            segment,
            basis,
            kind,
            unit,
            date_trunc('quarter', month_date)
        having count(*) = 3
    ),

    final as (
        select
            * exclude (is_counted_rate) replace (
                if(is_counted_rate, 10 * {{ wilson_bound("numerator", "denominator", "-") }}, low) as low,
                if(is_counted_rate, 10 * {{ wilson_bound("numerator", "denominator", "+") }}, high) as high,
                if(is_counted_rate, 'sampling', interval_kind) as interval_kind
            )
        from (select *, kind = 'rate' and value is not null and numerator is not null as is_counted_rate from summed)
    )

select *
from final
