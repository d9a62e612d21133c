-- What each reading comes to: of several ways of counting that it allows, the first that can say it, in the catalog's
-- order. A way that is never preferred counts only where the reading names it.
with

    measured as (
        select *
        from {{ ref("int_claims__years") }}
        union all by name
        select *
        from {{ ref("int_claims__compared") }}
        union all by name
        select *
        from {{ ref("int_claims__channels") }}
        union all by name
        select *
        from {{ ref("int_claims__months") }}
        union all by name
        select *
        from {{ ref("int_claims__windows") }}
        union all by name
        select *
        from {{ ref("int_claims__lifetimes") }}
        union all by name
        select *
        from {{ ref("int_claims__projections") }}
    ),

    final as (
        select measured.*
        from measured
        inner join {{ ref("int_claims__readings") }} as readings using (claim_id, reading_id)
        left join
            {{ source("catalog", "metric_sources") }} as ways
            on measured.metric_id = ways.metric_id
            and measured.source_id = ways.source_id
            and measured.basis = ways.basis
        where readings.basis is not null or measured.basis is null or ways.is_preferable
        qualify
            row_number() over (
                partition by measured.claim_id, measured.reading_id
                order by coalesce(measured.value, measured.low) is not null desc, ways.preference
            )
            = 1
    )

select *
from final
