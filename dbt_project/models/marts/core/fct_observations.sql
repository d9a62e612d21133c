-- One row per fact: any series, any period. The spine that every other mart is made of.
with

    final as (
        select
            series_id,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            external_name,
            member,
            segment,
            basis,
            kind,
            grain,
            period_start,
            period_end,
            value,
            numerator,
            denominator,
            low,
            high,
            interval_kind,
            unit,
            instrument,
            coverage_pct,
            bias,
            grade,
            grade_reason,
            extract_id,
            landed_at,
            available_at
        from {{ ref("int_observations__graded") }}
    )

select *
from final
