-- Measures of one year of one series.
with

    readings as (
        select *
        from {{ ref("int_claims__readings") }}
        where measure in ('value', 'growth', 'change', 'net_additions', 'net_additions_growth')
    ),

    paired as (
        select
            readings.claim_id,
            readings.reading_id,
            readings.measure,
            years.*,
            readings.measure <> 'value' as is_comparison
        from readings
        inner join {{ ref("int_yoy__compared") }} as years using (metric_id, entity_type, entity_id, segment, year)
        where
            (readings.source_id is null or readings.source_id = years.source_id)
            and (readings.basis is null or readings.basis = years.basis)
    ),

    final as (
        select
            claim_id,
            reading_id,
            series_id,
            metric_id,
            source_id,
            basis,
            case
                when measure in ('growth', 'net_additions_growth')
                then 'percent'
                when measure = 'change' and kind = 'share'
                then 'points'
                else unit
            end as unit,
            case
                measure
                when 'value'
                then if(is_complete, value, null)
                when 'growth'
                then if(is_comparable, 100.0 * (value - prior_value) / nullif(prior_value, 0), null)
                when 'change'
                then yoy_change
                when 'net_additions'
                then net_additions
                when 'net_additions_growth'
                then net_additions_pct
            end as value,
            case
                when measure = 'value' and is_complete
                then low
                when measure = 'growth' and kind <> 'share' or measure = 'change' and kind = 'share'
                then yoy_low
            end as low,
            case
                when measure = 'value' and is_complete
                then high
                when measure = 'growth' and kind <> 'share' or measure = 'change' and kind = 'share'
                then yoy_high
            end as high,
            if(
                measure = 'value', interval_kind, if(measure in ('growth', 'change'), yoy_interval_kind, null)
            ) as interval_kind,
            period_start,
            period_end,
            case
                when is_comparison and not is_comparable
                then 'not comparable'
                when measure = 'value' and not is_complete
                then 'no data'
            end as unknown_answer,
            case
                when is_comparison and not is_comparable
                then not_comparable_reason
                when measure = 'value' and not is_complete
                then year || ' is not complete'
            end as no_data_reason,
            list_filter(
                [
                    year
                    || ': '
                    || {{ figure_or_bounds("value", "low", "high") }}
                    || ' ('
                    || replace(method, '_', ' ')
                    || ')',
                    if(
                        is_comparison,
                        (year - 1) || ': ' || {{ figure_or_bounds("prior_value", "prior_low", "prior_high") }},
                        null
                    ),
                    if(
                        starts_with(measure, 'net_'),
                        'net additions: '
                        || {{ figure("net_additions") }}
                        || ', the year before '
                        || {{ figure("net_additions_prior") }},
                        null
                    )
                ],
                lambda line:line is not null
            ) as evidence,
            bias,
            grade,
            grade_reason
        from paired
    )

select *
from final
