-- Monthly series of contenders that add up to years, in every way of counting that reports may use: of a flow the
-- months, of a stock its levels. `year_total` is the year's total where it is known in another way than by twelve
-- months.
with

    months as (
        select months.series_id, months.kind, months.month_date, months.value
        from {{ ref("int_months__resolved") }} as months
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
        where
            months.entity_type = 'contender'
            and months.member = 'primary'
            and months.segment = 'all'
            and ways.is_preferable
            and months.kind in ('flow', 'stock')
            and months.is_released
            and months.value is not null
    ),

    final as (
        select months.*, years.value as year_total
        from months
        left join
            {{ ref("int_years__resolved") }} as years
            on months.series_id = years.series_id
            and year(months.month_date) = years.year
            and years.is_complete
            and months.kind = 'flow'
    )

select *
from final
