-- What is held and what is not: one row per entity, way of counting and year, also where nothing is available.
with final as (select * from {{ ref("int_years__coverage") }}) select * from final
