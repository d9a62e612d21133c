-- How a series moves lately, as of the end of each month: the last three months on the same three a year ago, the last
-- twelve on the twelve before. Compared by the rules of two years.
with

    spans as (select * from {{ ref("int_momentum__spans") }}),

    series as (
        select distinct
            months.series_id,
            months.metric_id,
            months.source_id,
            months.entity_type,
            months.entity_id,
            months.segment,
            months.basis,
            months.unit,
            metrics.combine
        from {{ ref("int_months__primary") }} as months
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
    ),

    pairs as (
        select
            series.*,
            later.measure,
            later.kind,
            later.period_start,
            later.period_end,
            later.value,
            later.low,
            later.high,
            later.numerator,
            earlier.period_start as prior_period_start,
            earlier.period_end as prior_period_end,
            earlier.value as prior_value,
            earlier.low as prior_low,
            earlier.high as prior_high,
            earlier.numerator as prior_numerator,
            earlier.series_id is not null as has_prior,
            later.first_instrument is distinct from later.last_instrument
            or earlier.first_instrument is distinct from earlier.last_instrument
            or later.first_instrument is distinct from earlier.first_instrument as is_asked_otherwise,
            greatest(later.grade, earlier.grade) as grade,
            {{ join_reasons(["later.grade_reason", "earlier.grade_reason"]) }} as grade_reason,
            later.low is not null or earlier.low is not null as has_interval
        from spans as later
        inner join series using (series_id)
        left join
            spans as earlier
            on later.series_id = earlier.series_id
            and later.measure = earlier.measure
            and later.last_month_date = (earlier.last_month_date + to_months(earlier.apart_months))::date
    ),

    broken as (
        select
            pairs.series_id,
            pairs.measure,
            pairs.period_end,
            string_agg(breaks.label, '; ' order by breaks.start_date) as label
        from pairs
        inner join
            {{ ref("int_breaks__by_series") }} as breaks
            on pairs.series_id = breaks.series_id
            and breaks.start_date < pairs.period_end
            and breaks.end_date > coalesce(pairs.prior_period_start, pairs.period_start)
        group by all
    ),

    joined_or_left as (
        select distinct pairs.series_id, pairs.measure, pairs.period_end
        from pairs
        inner join
            {{ source("catalog", "members") }} as members
            on pairs.entity_type = 'contender'
            and pairs.entity_id = members.contender_id
        where
            pairs.combine in ('distinct', 'sum', 'interval')
            and (
                {{
                    membership_changed(
                        "pairs.prior_period_start", "pairs.period_end", "members.valid_from", "members.valid_until"
                    )
                }}
            )
    ),

    reasons as (
        select
            pairs.*,
            {{
                join_reasons(
                    [
                        "'break: ' || broken.label",
                        "if(not pairs.has_prior, 'the months it is compared with are not all held', null)",
                        "if(pairs.has_prior and pairs.is_asked_otherwise, 'the question, "
                        ~ "or the list that is counted, is another one', null)",
                        "if(joined_or_left.series_id is not null, 'the members of the contender changed', null)",
                    ]
                )
            }} as not_comparable_reason
        from pairs
        left join broken using (series_id, measure, period_end)
        left join joined_or_left using (series_id, measure, period_end)
    ),

    -- what a stock added can be zero or negative: its change is a percentage only where both stretches surely added
    ends as (
        select
            *,
            not_comparable_reason is null as is_comparable,
            coalesce(low, value) as lowest,
            coalesce(high, value) as highest,
            coalesce(prior_low, prior_value) as prior_lowest,
            coalesce(prior_high, prior_value) as prior_highest
        from reasons
    ),

    compared as (
        select
            *,
            case
                kind
                when 'share'
                then value - prior_value
                when 'stock'
                then {{ growth_of_positives("value", "prior_value") }}
                else 100.0 * (value - prior_value) / nullif(prior_value, 0)
            end as change,
            case
                when kind = 'rate' and value is not null
                then {{ rate_ratio_bound("-", "value", "prior_value", "numerator", "prior_numerator") }}
                when kind = 'flow' and value < 1000 or kind = 'flow' and prior_value < 1000
                then {{ count_growth_bound("-", "value", "prior_value") }}
                when not has_interval or kind = 'stock' and least(lowest, prior_lowest) <= 0
                then null
                when kind = 'share'
                then lowest - prior_highest
                else {{ growth_bound("lowest", "prior_highest") }}
            end as change_low,
            case
                when kind = 'rate' and value is not null
                then {{ rate_ratio_bound("+", "value", "prior_value", "numerator", "prior_numerator") }}
                when kind = 'flow' and value < 1000 or kind = 'flow' and prior_value < 1000
                then {{ count_growth_bound("+", "value", "prior_value") }}
                when not has_interval or kind = 'stock' and least(lowest, prior_lowest) <= 0
                then null
                when kind = 'share'
                then highest - prior_lowest
                else {{ growth_bound("highest", "prior_lowest") }}
            end as change_high,
            case
                when kind = 'stock'
                then
                    case
                        {{ pace_of("lowest", "highest", "prior_lowest", "prior_highest") }}
                        when 'faster'
                        then 1
                        when 'slower'
                        then -1
                        when 'steady'
                        then 0
                    end
                -- bounds on a union of tiny counts say no direction, as in a comparison of two years
                when kind = 'rate' and value is null
                then null
                else {{ move_of("change", "change_low", "change_high") }}
            end as move
        from ends
    ),

    final as (
        select
            series_id,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            segment,
            basis,
            kind,
            unit,
            measure,
            period_start,
            period_end,
            prior_period_start,
            prior_period_end,
            value,
            low,
            high,
            prior_value,
            prior_low,
            prior_high,
            if(is_comparable, change, null) as change,
            if(is_comparable, change_low, null) as change_low,
            if(is_comparable, change_high, null) as change_high,
            if(kind = 'share', 'points', 'percent') as change_unit,
            if(
                is_comparable, coalesce(['down', 'flat', 'up'][move::integer + 2], 'inconclusive'), 'not comparable'
            ) as direction,
            is_comparable,
            not_comparable_reason,
            grade,
            grade_reason
        from compared
    )

select *
from final
