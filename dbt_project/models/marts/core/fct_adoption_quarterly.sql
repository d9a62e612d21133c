-- One row per series and quarter that is held whole, headline members only. Small counts are read by quarter or year.
with

final as (
    select * from {{ ref('int_quarters__resolved') }}
)

select * from final
