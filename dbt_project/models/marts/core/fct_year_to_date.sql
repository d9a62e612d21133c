-- The year that is not over, or of which no more is held, against the same months of the year before: one row per
-- series.
with

    series as (
        select
            series_id,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            segment,
            basis,
            kind,
            unit,
            arg_max(external_name, month_date) as external_name
        from {{ ref("int_months__resolved") }}
        where member = 'primary'
        group by all
    ),

    final as (
        select
            series.*,
            to_date.year,
            to_date.newest_month_date,
            to_date.months_compared,
            to_date.month_numbers,
            to_date.value,
            to_date.low,
            to_date.high,
            to_date.prior_value,
            to_date.prior_low,
            to_date.prior_high,
            to_date.level,
            to_date.change,
            to_date.change_low,
            to_date.change_high,
            to_date.change_unit,
            to_date.direction,
            baseline.baseline_growth_pct,
            baseline.baseline_packages,
            baseline.growth_percentile,
            ways.preference,
            to_date.grade
        from {{ ref("int_yoy__to_date") }} as to_date
        inner join series using (series_id)
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
        left join {{ ref("int_yoy__baseline") }} as baseline using (series_id, year)
        where ways.is_preferable
    )

select *
from final
