-- The share of downloads that a build system marked as its own: the least that machines can have made.
with

    whole as (
        select * from {{ current_rows("raw_log", "months") }} as source where days_held = day(last_day(month_date))
    ),

    observations as ({{ automated_share("raw_log", "pypi_automated_share", "whole") }}),

    final as ({{ select_observations("observations") }})

select *
from final
