-- One row per series and year: the year beside the year before, and all that is said of the two.
with final as (select * from {{ ref("int_yoy__compared") }}) select * from final
