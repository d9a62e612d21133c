-- How a series moves lately, as of the end of each month or quarter that is held whole: the last quarter on the one before,
-- the last three months on a year ago, the last twelve on the twelve before. Compared by the rules of two years.
with

spans as (
    select * from {{ ref('int_momentum__spans') }} where months_held = span_months
),

series as (
    select distinct
        months.series_id, months.metric_id, months.source_id, months.entity_type, months.entity_id, months.segment, months.basis, months.unit,
        metrics.combine
    from {{ ref('fct_adoption_monthly') }} as months
    inner join {{ source('catalog', 'metrics') }} as metrics using (metric_id)
),

pairs as (
    select
        series.*, later.measure, later.kind, later.period_start, later.period_end, later.value, later.low, later.high, later.numerator,
        earlier.period_start as prior_period_start, earlier.period_end as prior_period_end, earlier.value as prior_value,
        earlier.low as prior_low, earlier.high as prior_high, earlier.numerator as prior_numerator,
        earlier.series_id is not null as has_prior,
        later.first_instrument is distinct from later.last_instrument or earlier.first_instrument is distinct from earlier.last_instrument
        or later.first_instrument is distinct from earlier.first_instrument as is_asked_otherwise,
        greatest(later.grade, earlier.grade) as grade,
        {{ join_reasons(['later.grade_reason', 'earlier.grade_reason']) }} as grade_reason,
        later.low is not null or earlier.low is not null as has_interval
    from (select * from spans where not is_prior) as later
    inner join series using (series_id)
    left join (select * from spans where is_prior) as earlier using (series_id, measure, last_month_date)
),

broken as (
    select pairs.series_id, pairs.measure, pairs.period_end, string_agg(breaks.label, '; ' order by breaks.start_date) as label
    from pairs
    inner join {{ ref('int_breaks__by_series') }} as breaks
        on pairs.series_id = breaks.series_id and breaks.start_date < pairs.period_end
        and breaks.end_date > coalesce(pairs.prior_period_start, pairs.period_start)
    group by all
),

joined_or_left as (
    select distinct pairs.series_id, pairs.measure, pairs.period_end
    from pairs
    inner join {{ source('catalog', 'members') }} as members
        on pairs.entity_type = 'contender' and pairs.entity_id = members.contender_id
    where pairs.combine in ('distinct', 'sum', 'interval') and ({{ membership_changed('pairs.prior_period_start', 'pairs.period_end', 'members.valid_from', 'members.valid_until') }})
),

reasons as (
    select
        pairs.*,
        {{ join_reasons([
            "'break: ' || broken.label",
            "if(not pairs.has_prior, 'the months it is compared with are not all held', null)",
            "if(pairs.has_prior and pairs.is_asked_otherwise, 'the question, or the list that is counted, is another one', null)",
            "if(joined_or_left.series_id is not null, 'the members of the contender changed', null)",
        ]) }} as not_comparable_reason
    from pairs
    left join broken using (series_id, measure, period_end)
    left join joined_or_left using (series_id, measure, period_end)
),

compared as (
    select
        *,
        not_comparable_reason is null as is_comparable,
        if(kind = 'share', value - prior_value, 100.0 * (value - prior_value) / abs(nullif(prior_value, 0))) as change,
        case
            when kind = 'rate' and value is not null then {{ rate_ratio_bound('-', 'value', 'prior_value', 'numerator', 'prior_numerator') }}
            when not has_interval then null
            when kind = 'share' then coalesce(low, value) - coalesce(prior_high, prior_value)
            when coalesce(prior_low, prior_value) < 0 then null
            else {{ growth_bound('coalesce(low, value)', 'coalesce(prior_high, prior_value)') }}
        end as change_low,
        case
            when kind = 'rate' and value is not null then {{ rate_ratio_bound('+', 'value', 'prior_value', 'numerator', 'prior_numerator') }}
            when not has_interval then null
            when kind = 'share' then coalesce(high, value) - coalesce(prior_low, prior_value)
            when coalesce(prior_low, prior_value) < 0 then null
            else {{ growth_bound('coalesce(high, value)', 'coalesce(prior_low, prior_value)') }}
        end as change_high
    from reasons
),

final as (
    select
        series_id, metric_id, source_id, entity_type, entity_id, segment, basis, kind, unit, measure,
        period_start, period_end, prior_period_start, prior_period_end, value, low, high, prior_value, prior_low, prior_high,
        if(is_comparable, change, null) as change,
        if(is_comparable, change_low, null) as change_low,
        if(is_comparable, change_high, null) as change_high,
        if(kind = 'share', 'points', 'percent') as change_unit,
        -- bounds on a union of tiny counts say no direction, as in a comparison of two years
        if(is_comparable and not (kind = 'rate' and value is null),
            coalesce(['down', 'flat', 'up'][{{ move_of('change', 'change_low', 'change_high') }}::integer + 2], 'cannot be said'), 'cannot be said') as direction,
        is_comparable, not_comparable_reason, grade, grade_reason
    from compared
)

select * from final
