-- One row per fact: of two extracts that speak of the same one, the one landed later counts. What other figures of the
-- same source contradict is no fact (`int_guards__contradictions`): something was not counted as it is said to be, and
-- what the figure was is not known. The same holds of the year of an entity whose figures are others than those that
-- were reviewed (`int_guards__controls`).
with

    chosen as (select * exclude (claim_rank) from {{ ref("int_observations__deduplicated") }} where claim_rank = 1),

    contradicted as (select * from {{ ref("int_guards__contradictions") }} where decision is distinct from 'accepted'),

    restated as (
        select distinct metric_id, source_id, basis, entity_id, year(start_date) as year
        from {{ ref("int_guards__controls") }}
        where decision is distinct from 'accepted'
    ),

    final as (
        select chosen.*
        from chosen
        anti join
            restated
            on chosen.metric_id = restated.metric_id
            and chosen.source_id = restated.source_id
            and chosen.basis = restated.basis
            and chosen.entity_id = restated.entity_id
            and year(chosen.period_start) = restated.year
        anti join
            contradicted
            on chosen.metric_id = contradicted.metric_id
            and chosen.source_id = contradicted.source_id
            and chosen.basis = contradicted.basis
            and chosen.segment = contradicted.segment
            and chosen.entity_type = contradicted.entity_type
            and chosen.entity_id = contradicted.entity_id
            and chosen.native_object = contradicted.native_object
            and chosen.period_start = contradicted.period_start
            and chosen.period_end = contradicted.period_end
    )

select *
from final
