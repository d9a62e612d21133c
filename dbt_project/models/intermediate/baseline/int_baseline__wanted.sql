-- The months over which some series compares with the year before, by source and way of counting: of no other months
-- is a baseline needed.
with

    final as (
        select distinct
            pairs.metric_id,
            pairs.source_id,
            pairs.basis,
            pairs.year,
            if(pairs.is_comparable, range(1, 13)::integer[], common.common_month_numbers) as month_numbers
        from {{ ref("int_yoy__pairs") }} as pairs
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        left join {{ ref("int_yoy__common_months") }} as common using (series_id, year)
        where metrics.baseline and (pairs.is_comparable or common.common_month_numbers is not null)
    )

select *
from final
