-- Breaks in series: two periods with one of these between or inside them do not compare.
with

    final as (
        select
            id as break_id,
            label,
            start as start_date,
            "end" as end_date,
            sources,
            bases,
            metrics,
            entities,
            segments,
            contenders as reaches_contenders,
            reason,
            evidence
        from {{ ref("int_breaks__all") }}
    )

select *
from final
