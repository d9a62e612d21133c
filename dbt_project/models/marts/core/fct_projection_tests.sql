-- Earlier years as they would have been projected from the months before and as much of them as is held of the year
-- that is not over, and before they began, beside what they came to: whether an 80 % interval holds 80 % of the years.
with

    series as (
        select distinct series_id, metric_id, source_id, entity_type, entity_id, segment, basis, kind, unit
        from {{ ref("int_months__resolved") }}
        where member = 'primary'
    ),

    final as (
        select
            series.series_id,
            series.metric_id,
            series.source_id,
            series.entity_type,
            series.entity_id,
            series.segment,
            series.basis,
            series.kind,
            series.unit,
            tested.year,
            (12 - len(tested.missing_months))::integer as months_held,
            tested.missing_months,
            tested.value as projected_value,
            tested.low as projected_low,
            tested.high as projected_high,
            tested.actual as actual_value,
            tested.actual between tested.low and tested.high as is_covered
        from {{ source("projection", "tested_years") }} as tested
        inner join series using (series_id)
    )

select *
from final
