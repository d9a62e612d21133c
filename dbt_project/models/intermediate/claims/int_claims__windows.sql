-- The effect of a named window on the series that a reading names.
with

    final as (
        select
            readings.claim_id,
            readings.reading_id,
            effects.series_id,
            effects.metric_id,
            effects.source_id,
            effects.basis,
            'percent' as unit,
            effects.effect_pct as value,
            null::double as low,
            null::double as high,
            null::varchar as interval_kind,
            effects.period_start,
            effects.period_end,
            case
                when contains(effects.no_data_reason, 'break')
                then 'not comparable'
                when effects.no_data_reason is not null
                then 'no data'
            end as unknown_answer,
            effects.no_data_reason,
            list_filter(
                [
                    'mean '
                    || {{ figure("effects.mean") }}
                    || ', reference '
                    || {{ figure("effects.reference_mean") }}
                    || ' ('
                    || effects.unit
                    || ')',
                    'starts '
                    || strftime(effects.start_date, '%Y-%m')
                    || ', trough '
                    || strftime(effects.trough_date, '%Y-%m')
                    || printf(' (%+.0f %%)', effects.trough_pct)
                    || ', back '
                    || coalesce(strftime(effects.back_date, '%Y-%m'), 'not yet')
                ],
                lambda line:line is not null
            ) as evidence,
            effects.bias,
            effects.grade,
            effects.grade_reason
        from {{ ref("int_claims__readings") }} as readings
        inner join
            {{ ref("int_windows__effects") }} as effects using (window_id, metric_id, entity_type, entity_id, segment)
        where
            (readings.source_id is null or readings.source_id = effects.source_id)
            and (readings.basis is null or readings.basis = effects.basis)
    )

select *
from final
