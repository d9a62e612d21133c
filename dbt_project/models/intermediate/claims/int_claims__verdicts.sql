-- One verdict per claim, from the outcomes of its readings. Those that hold or fail decide. A proxy is not the thing
-- itself: it decides only where nothing else does, and can contradict a claim, never support it. Context (another
-- population, another moment) is shown beside and decides nothing.
with

    outcomes as (
        select
            claim_id,
            count(*) as readings,
            count(*) filter (outcome = 'holds' and evidence_kind = 'same') as same_hold,
            count(*) filter (outcome = 'holds' and evidence_kind = 'independent') as independent_hold,
            count(*) filter (outcome = 'holds' and evidence_kind = 'proxy') as proxies_hold,
            count(*) filter (outcome = 'fails' and evidence_kind in ('same', 'independent')) as fail,
            count(*) filter (outcome = 'fails' and evidence_kind = 'proxy') as proxies_fail,
            count(distinct miss) filter (evidence_kind in ('same', 'independent')) as directions,
            string_agg(distinct outcome_reason, '; ' order by outcome_reason) filter (
                evidence_kind in ('same', 'independent')
            ) as open_reasons
        from {{ ref("int_claims__outcomes") }}
        group by claim_id
    ),

    judged as (
        select
            claims.*,
            outcomes.* exclude (claim_id),
            case
                when claims.not_testable is not null
                then 'not_testable'
                when outcomes.same_hold + outcomes.independent_hold > 0 and outcomes.fail > 0
                then 'depends_on_the_reading'
                when outcomes.same_hold > 0
                then 'reproduced'
                when outcomes.independent_hold > 0
                then 'confirmed'
                when outcomes.fail > 0
                then 'contradicted'
                when outcomes.proxies_hold > 0 and outcomes.proxies_fail > 0
                then 'depends_on_the_reading'
                when outcomes.proxies_fail > 0
                then 'contradicted_by_a_proxy'
                else 'not_testable_here'
            end as verdict
        from {{ source("catalog", "claims") }} as claims
        left join outcomes using (claim_id)
    ),

    final as (
        select
            claim_id,
            position::integer as claim_position,
            said_by,
            said_on,
            url,
            text as claim_text,
            verdict,
            remark,
            case
                when verdict = 'not_testable'
                then not_testable
                when verdict = 'not_testable_here'
                then
                    {{
                        join_reasons(
                            [
                                "rtrim(needs, '.')",
                                "open_reasons",
                                "if(proxies_hold > 0, 'a proxy agrees, which supports nothing', null)",
                            ]
                        )
                    }}
                when verdict = 'contradicted' and directions > 1
                then 'in opposite directions'
                when same_hold + independent_hold + fail = 0
                then {{ join_reasons(["'only proxies decide'", "open_reasons"]) }}
            end as verdict_reason
        from judged
    )

select *
from final
