-- Named windows, which are tested and not searched for: every series of the window's metrics against its reference,
-- with the start, the trough and the return of a slump.
with

    effects as (select * from {{ ref("int_windows__effects") }}),

    final as (
        select
            effects.window_id,
            windows.label as window_label,
            effects.series_id,
            effects.metric_id,
            effects.source_id,
            effects.entity_type,
            effects.entity_id,
            effects.segment,
            effects.basis,
            effects.period_start,
            effects.period_end,
            effects.reference_start,
            effects.reference_end,
            effects.unit,
            effects.mean,
            effects.reference_mean,
            effects.effect_pct,
            effects.start_date,
            effects.trough_date,
            effects.trough_pct,
            effects.back_date,
            effects.no_data_reason,
            effects.bias,
            effects.grade,
            effects.grade_reason
        from effects
        inner join {{ source("catalog", "named_windows") }} as windows using (window_id)
    )

select *
from final
