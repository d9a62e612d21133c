-- Published statements as tests: one row per claim and reading, with what was computed, what the words admit, and the
-- verdict. A claim without readings has one row, which says why.
with

    final as (
        select
            verdicts.claim_id,
            verdicts.claim_position,
            verdicts.said_by,
            verdicts.said_on,
            verdicts.url,
            verdicts.claim_text,
            verdicts.verdict,
            verdicts.verdict_reason,
            verdicts.remark,
            outcomes.reading_id,
            outcomes.reading_position,
            outcomes.outcome,
            outcomes.outcome_reason,
            outcomes.evidence_kind,
            outcomes.measure,
            outcomes.metric_id,
            outcomes.entity_type,
            outcomes.entity_id,
            outcomes.over_entity_id,
            outcomes.without,
            outcomes.source_id,
            outcomes.basis,
            outcomes.segment,
            outcomes.window_id,
            outcomes.period_start,
            outcomes.period_end,
            outcomes.relation,
            outcomes.says,
            outcomes.stated,
            outcomes.accepted_low,
            outcomes.accepted_high,
            outcomes.value,
            outcomes.low,
            outcomes.high,
            outcomes.interval_kind,
            outcomes.unit,
            outcomes.deviation_pct,
            outcomes.miss,
            outcomes.evidence,
            outcomes.series_id,
            outcomes.note,
            outcomes.bias,
            outcomes.grade,
            outcomes.grade_reason
        from {{ ref("int_claims__verdicts") }} as verdicts
        left join {{ ref("int_claims__outcomes") }} as outcomes using (claim_id)
    )

select *
from final
