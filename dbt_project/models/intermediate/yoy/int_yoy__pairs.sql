-- Each year of a series beside the year before, and the rules that forbid to compare them. `not_comparable_reason`
-- names every rule that is broken; null where the two years compare.
with

    years as (select * from {{ ref("int_years__resolved") }} where member = 'primary'),

    pairs as (
        select
            current_year.*,
            prior.value as prior_value,
            prior.numerator as prior_numerator,
            prior.denominator as prior_denominator,
            prior.low as prior_low,
            prior.high as prior_high,
            prior.interval_kind as prior_interval_kind,
            prior.bias as prior_bias,
            prior.is_released as is_prior_released,
            greatest(current_year.tolerance_pct, prior.tolerance_pct) as change_tolerance_pct,
            prior.year is not null as has_prior,
            prior.is_complete as is_prior_complete,
            prior.months_held as prior_months_held,
            prior.grade as prior_grade,
            prior.grade_reason as prior_grade_reason,
            prior.instrument as prior_instrument,
            prior.period_start as prior_period_start
        from years as current_year
        left join years as prior on current_year.series_id = prior.series_id and current_year.year = prior.year + 1
    ),

    parts as ({{ parts_of_contenders() }}),

    -- a break lies between two years if it began before the later one ended and ended after the earlier one began
    broken as (
        select
            pairs.series_id,
            pairs.year,
            string_agg(breaks.label, '; ' order by breaks.start) as break_label,
            list(breaks.id order by breaks.start) as break_ids,
            bool_and(breaks.is_passing) as is_passing
        from pairs
        left join
            parts
            on pairs.entity_type = 'contender'
            and pairs.entity_id = parts.contender_id
            and pairs.metric_id = parts.metric_id
        inner join
            {{ ref("int_breaks__all") }} as breaks
            on {{ break_reaches("breaks", "pairs", "parts") }}
            and breaks.start < pairs.period_end
            and breaks."end" > coalesce(pairs.prior_period_start, pairs.period_start)
        group by all
    ),

    -- who belonged to a contender can change; then two years do not count the same thing
    joined_or_left as (
        select distinct pairs.series_id, pairs.year
        from pairs
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        inner join
            ({{ members_named() }}) as members
            on pairs.entity_type = 'contender'
            and pairs.entity_id = members.contender_id
            and pairs.source_id = members.source_id
        where
            metrics.combine in ('distinct', 'sum', 'interval')
            and pairs.has_prior
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
            coalesce(broken.break_ids, []) as break_ids,
            {{
                join_reasons(
                    [
                        "'break: ' || broken.break_label",
                        "if(not ways.is_preferable, 'basis ' || pairs.basis "
                        ~ "|| ': the way of counting changes inside the series', null)",
                        "if(not pairs.is_prior_released or not pairs.is_released, 'it was not released', null)",
                        "if(not pairs.has_prior, 'no data for ' || (pairs.year - 1), null)",
                        "if(not pairs.is_complete, "
                        ~ incomplete_text("pairs.year", "pairs.kind", "pairs.months_held")
                        ~ ", null)",
                        "if(not pairs.is_prior_complete, "
                        ~ incomplete_text("pairs.year - 1", "pairs.kind", "pairs.prior_months_held")
                        ~ ", null)",
                        "if(pairs.instrument <> pairs.prior_instrument, 'the question, "
                        ~ "or the list that is counted, is another one', null)",
                        "if(joined_or_left.year is not null, 'the members of the contender changed', null)",
                        "if(pairs.interval_kind <> pairs.prior_interval_kind, 'intervals of two kinds', null)",
                    ]
                )
            }} as not_comparable_reason,
            -- nothing but missing months stands between the two years
            coalesce(broken.is_passing, broken.break_label is null)
            and ways.is_preferable
            and joined_or_left.year is null
            and coalesce(pairs.is_prior_released, true)
            and pairs.instrument is not distinct from pairs.prior_instrument as is_same_measure
        from pairs
        left join broken using (series_id, year)
        left join joined_or_left using (series_id, year)
        left join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
    ),

    final as (select *, not_comparable_reason is null as is_comparable from reasons)

select *
from final
