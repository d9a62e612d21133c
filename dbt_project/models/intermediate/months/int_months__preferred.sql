-- Which way of counting stands for a metric, entity and segment in the months of a year: the one that reports use for
-- the level of the year; of a year that has none (a stock whose December is not available yet) the one with most
-- months, then the better grade, then the catalog's order. One series a year, so that its months add up to it.
with

    held as (
        select
            months.series_id,
            year(months.month_date)::integer as year,
            months.metric_id,
            months.entity_type,
            months.entity_id,
            months.segment,
            ways.preference,
            count(*) as months_held,
            max(months.grade) as grade
        from {{ ref("int_months__resolved") }} as months
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
        where months.member = 'primary' and ways.is_preferable
        group by all
    ),

    final as (
        select held.series_id, held.year
        from held
        left join {{ ref("int_yoy__preferred") }} as preferred using (series_id, year)
        qualify
            row_number() over (
                partition by held.metric_id, held.entity_type, held.entity_id, held.segment, held.year
                order by
                    coalesce(preferred.is_preferred_level, false) desc,
                    held.months_held desc,
                    held.grade,
                    held.preference
            )
            = 1
    )

select *
from final
