-- Facts of which two extracts say different things: what counts (the extract landed later), and what was passed over.
with

    claims as (select * from {{ ref("int_observations__deduplicated") }}),

    final as (
        select
            chosen.metric_id,
            chosen.source_id,
            chosen.entity_type,
            chosen.entity_id,
            chosen.external_name,
            chosen.segment,
            chosen.basis,
            chosen.period_start,
            chosen.period_end,
            chosen.value,
            chosen.extract_id,
            passed_over.value as other_value,
            passed_over.extract_id as other_extract_id,
            passed_over.value - chosen.value as difference,
            100.0 * (passed_over.value / nullif(chosen.value, 0) - 1) as difference_pct
        from claims as chosen
        inner join
            claims as passed_over using (
                metric_id, source_id, basis, segment, entity_type, entity_id, native_object, period_start, period_end
            )
        where chosen.claim_rank = 1 and passed_over.claim_rank > 1 and passed_over.value is distinct from chosen.value
    )

select *
from final
