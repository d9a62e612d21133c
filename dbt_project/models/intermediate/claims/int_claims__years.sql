-- Measures of one year of one series. The multiple of a lifetime is an upper bound (`bias` high) where years before
-- are known to be undercounted.
with

readings as (
    select * from {{ ref('int_claims__readings') }}
    where measure in ('value', 'growth', 'change', 'net_additions', 'net_additions_growth', 'lifetime_multiple', 'lifetime_total')
),

years as (
    select
        *,
        contains(
            coalesce(string_agg(bias, ', ') over (partition by series_id order by year rows between unbounded preceding and 1 preceding), ''),
            'low'
        ) as is_undercounted_before
    from {{ ref('fct_adoption_yoy') }}
),

paired as (
    select
        readings.claim_id, readings.reading_id, readings.measure, years.*,
        starts_with(readings.measure, 'lifetime') as is_lifetime,
        measure not in ('value', 'lifetime_multiple', 'lifetime_total') as is_comparison
    from readings
    inner join years using (metric_id, entity_type, entity_id, segment, year)
    where (readings.source_id is null or readings.source_id = years.source_id)
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
            when measure in ('growth', 'net_additions_growth') then 'percent'
            when measure = 'change' and kind = 'share' then 'points'
            when is_lifetime then 'times'
            else unit
        end as unit,
        case measure
            when 'value' then if(is_complete, value, null)
            when 'growth' then if(is_comparable, 100.0 * (value - prior_value) / nullif(prior_value, 0), null)
            when 'change' then yoy_change
            when 'net_additions' then net_additions
            when 'net_additions_growth' then net_additions_pct
            when 'lifetime_multiple' then lifetime_multiple
            when 'lifetime_total' then 1 + lifetime_multiple
        end as value,
        case
            when measure = 'value' and is_complete then low
            when measure = 'growth' and kind <> 'share' or measure = 'change' and kind = 'share' then yoy_low
        end as low,
        case
            when measure = 'value' and is_complete then high
            when measure = 'growth' and kind <> 'share' or measure = 'change' and kind = 'share' then yoy_high
        end as high,
        if(measure = 'value', interval_kind, if(measure in ('growth', 'change'), yoy_interval_kind, null)) as interval_kind,
        period_start,
        period_end,
        case
            when is_comparison and not is_comparable then not_comparable_reason
            when measure = 'value' and not is_complete then year || ' is not complete'
            when is_lifetime and lifetime_multiple is null then 'nothing is held before ' || year
        end as unknown_reason,
        list_filter([
            year || ': ' || {{ figure_or_bounds('value', 'low', 'high') }} || ' (' || replace(method, '_', ' ') || ')',
            if(is_comparison, (year - 1) || ': ' || {{ figure_or_bounds('prior_value', 'prior_low', 'prior_high') }}, null),
            if(starts_with(measure, 'net_'), 'net additions: ' || {{ figure('net_additions') }} || ', the year before ' || {{ figure('net_additions_prior') }}, null),
            if(is_lifetime, 'everything held before: ' || {{ figure('lifetime_value') }}, null),
            if(is_lifetime and is_undercounted_before, 'an upper bound: years before are known to be undercounted', null)
        ], lambda line: line is not null) as evidence,
        case when not is_lifetime then bias when is_undercounted_before then 'high' end as bias,
        grade,
        grade_reason
    from paired
)

select * from final
