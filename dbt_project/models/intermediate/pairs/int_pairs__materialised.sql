-- The pairs of contenders that every build makes: the focus of the review and each other contender, either of them
-- first. All that compares two contenders starts here; any other pair is computed on demand by the same models, with
-- that pair in place of these (`brief`, `robustness` and `crossovers` of the published file).
with

    others as (
        select review.focus, contenders.entity_id as other
        from {{ source("catalog", "review") }} as review
        inner join
            {{ source("catalog", "entities") }} as contenders
            on contenders.entity_type = 'contender'
            and review.focus <> contenders.entity_id
    ),

    final as (
        select focus as entity_id, other as against_entity_id
        from others
        union all
        select other as entity_id, focus as against_entity_id
        from others
    )

select *
from final
