-- Two years of a series over the months that both hold, three or more of them: what can be said of a year that lacks
-- months. A month counts only if nothing but time lies between it and the same month of the year before: no break, no
-- other instrument, no coming or going of a member, no release. Flows add up, rates are divided anew; a month that is
-- only known to be below a list's smallest count is left out.
with

    months as (
        select
            months.*,
            year(months.month_date)::integer as year,
            month(months.month_date) as month,
            (months.month_date + interval 1 month)::date as month_end,
            metrics.combine
        from {{ ref("int_months__resolved") }} as months
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        where
            months.kind in ('flow', 'rate')
            and months.member = 'primary'
            and ways.is_preferable
            and months.is_released
            and (months.value is not null or months.interval_kind in ('bound', 'companion'))
    ),

    pairs as (
        select
            later.series_id,
            later.year,
            later.month,
            later.kind,
            later.source_id,
            later.entity_type,
            later.entity_id,
            later.combine,
            earlier.month_date as prior_start_date,
            later.month_end as end_date,
            {% for column in ["value", "low", "high", "numerator", "denominator", "grade", "bias", "tolerance_pct"] -%}
                later.{{ column }}, earlier.{{ column }} as prior_{{ column }}{{ "," if not loop.last }}
            {% endfor %}
        from months as later
        inner join
            months as earlier
            on later.series_id = earlier.series_id
            and later.year = earlier.year + 1
            and later.month = earlier.month
            and later.instrument is not distinct from earlier.instrument
    ),

    broken as (
        select distinct pairs.series_id, pairs.year, pairs.month
        from pairs
        inner join
            {{ ref("int_breaks__by_series") }} as breaks
            on pairs.series_id = breaks.series_id
            and breaks.start_date < pairs.end_date
            and breaks.end_date > pairs.prior_start_date
            -- what was over again touches its own months only
            and (
                not coalesce(breaks.is_passing, false)
                or breaks.start_date < pairs.prior_start_date + interval 1 month
                or breaks.end_date > pairs.end_date - interval 1 month
            )
    ),

    joined_or_left as (
        select distinct pairs.series_id, pairs.year, pairs.month
        from pairs
        inner join
            ({{ members_named() }}) as members
            on pairs.entity_type = 'contender'
            and pairs.entity_id = members.contender_id
            and pairs.source_id = members.source_id
        where
            pairs.combine in ('distinct', 'sum', 'interval')
            and (
                {{
                    membership_changed(
                        "pairs.prior_start_date", "pairs.end_date", "members.valid_from", "members.valid_until"
                    )
                }}
            )
    ),

    -- in the order of the months, so that the last digit does not depend on the build
    summed as (
        select
            series_id,
            year,
            kind,
            count(*)::integer as common_months,
            list(month order by month)::integer[] as common_month_numbers,
            {% for side in ["", "prior_"] -%}
                if(
                    count({{ side }}value) = count(*),
                    {{ whole_period(side ~ "value", side ~ "denominator", "kind", "month") }},
                    null
                ) as {{ side }}value,
                {{ aggregate_bound(side ~ "low", side ~ "value", side ~ "denominator", "kind", "month") }}
                as {{ side }}low,
                {{ aggregate_bound(side ~ "high", side ~ "value", side ~ "denominator", "kind", "month") }}
                as {{ side }}high,
                sum({{ side }}numerator) as {{ side }}numerator,
                sum({{ side }}denominator) as {{ side }}denominator,
            {% endfor -%}
            greatest(max(tolerance_pct), max(prior_tolerance_pct)) as tolerance_pct,
            greatest(max(grade), max(prior_grade), if(count(*) >= 9, 'C', 'D')) as grade
        from pairs
        anti join broken using (series_id, year, month)
        anti join joined_or_left using (series_id, year, month)
        group by series_id, year, kind
        having count(*) >= 3
    ),

    changed as (
        select
            *,
            value is not null and prior_value is not null as is_number,
            {{ growth_bound("value", "prior_value") }} as yoy_common_pct,
            {{ growth_interval("-") }} as yoy_common_low,
            {{ growth_interval("+") }} as yoy_common_high,
            {{
                worst_growth(
                    "-",
                    "kind",
                    "coalesce(low, value)",
                    "denominator",
                    "coalesce(prior_high, prior_value)",
                    "prior_denominator",
                )
            }} as worst_low,
            {{
                worst_growth(
                    "+",
                    "kind",
                    "coalesce(high, value)",
                    "denominator",
                    "coalesce(prior_low, prior_value)",
                    "prior_denominator",
                )
            }} as worst_high
        from summed
    ),

    final as (
        select
            series_id,
            year,
            common_months,
            common_month_numbers,
            value as common_value,
            low as common_low,
            high as common_high,
            prior_value as common_prior_value,
            prior_low as common_prior_low,
            prior_high as common_prior_high,
            yoy_common_pct,
            yoy_common_low,
            yoy_common_high,
            grade as common_grade,
            if(
                is_number,
                {{ move_beyond("yoy_common_pct", "yoy_common_low", "yoy_common_high", "tolerance_pct") }},
                {{ move_beyond("null", "worst_low", "worst_high", "tolerance_pct") }}
            ) as move
        from changed
    )

select *
from final
