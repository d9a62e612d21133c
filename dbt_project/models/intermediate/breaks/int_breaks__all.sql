-- Every break in series that comparisons must respect: those of the catalog, and what was found and nobody has reviewed
-- yet.
with

    final as (
        select
            id,
            label,
            start,
            "end",
            sources,
            bases,
            metrics,
            entities,
            segments,
            contenders,
            null::varchar as check_id,
            passing as is_passing,
            undercount_at_least,
            undercount_at_most,
            reason,
            evidence
        from {{ source("catalog", "breaks") }}
        union all by name
        select *, 'Nobody has said yet what it was.' as reason, null::varchar as evidence
        from {{ ref("int_breaks__alarms") }}
    )

select *
from final
