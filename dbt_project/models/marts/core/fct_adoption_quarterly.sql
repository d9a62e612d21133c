-- One row per series and quarter that is held whole, headline members only. Small counts are read by quarter or year.
with

    final as (
        select quarters.*, preferred.series_id is not null as is_preferred
        from {{ ref("int_quarters__resolved") }} as quarters
        left join
            {{ ref("int_months__preferred") }} as preferred
            on quarters.series_id = preferred.series_id
            and year(quarters.quarter_date) = preferred.year
    )

select *
from final
