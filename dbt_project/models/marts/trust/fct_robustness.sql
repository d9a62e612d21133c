-- Each headline again with one admissible choice varied at a time: does it stand? Four headlines: the direction of a
-- change, by how much, who leads, by how much. Counted are the choices that can be computed and are not inconclusive
-- where the preferred one is not; the others say why not.
with final as (select * from {{ ref("int_robustness__judged") }}) select * from final
