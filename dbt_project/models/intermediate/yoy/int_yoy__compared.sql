-- One row per series and year: the year beside the year before. It only joins the int_yoy models.
with

    pairs as (select * from {{ ref("int_yoy__pairs") }}),

    final as (
        select
            pairs.series_id,
            pairs.entity_type,
            pairs.entity_id,
            pairs.external_name,
            pairs.metric_id,
            pairs.source_id,
            pairs.segment,
            pairs.basis,
            pairs.kind,
            pairs.year,
            pairs.period_start,
            pairs.period_end,
            pairs.method,
            pairs.months_held,
            pairs.value,
            pairs.numerator,
            pairs.denominator,
            pairs.low,
            pairs.high,
            pairs.interval_kind,
            standing.standing_value,
            standing.ranking_low,
            standing.ranking_high,
            pairs.unit,
            pairs.prior_value,
            pairs.prior_months_held,
            coalesce(pairs.is_prior_complete, false) as is_prior_complete,
            pairs.prior_low,
            pairs.prior_high,
            changes.yoy_change,
            changes.yoy_pct,
            changes.yoy_low,
            changes.yoy_high,
            changes.yoy_interval_kind,
            changes.yoy_interval_unit,
            common.common_months,
            common.common_month_numbers,
            common.common_value,
            common.common_prior_value,
            common.yoy_common_pct,
            common.yoy_common_low,
            common.yoy_common_high,
            bounds.yoy_at_least_pct,
            preferred.compared_on,
            preferred.periods_compared,
            {% for column in ["yoy_standardised", "yoy_standardised_low", "yoy_standardised_high"] -%}
                if(pairs.is_comparable and pairs.segment = 'all', standardised.{{ column }}, null) as {{ column }},
            {% endfor -%}
            if(
                pairs.is_comparable and pairs.segment = 'all', standardised.standardised_coverage_pct, null
            ) as standardised_coverage_pct,
            baseline.baseline_growth_pct,
            baseline.baseline_q25_pct,
            baseline.baseline_q75_pct,
            baseline.baseline_packages,
            baseline.baseline_fallen_out,
            baseline.baseline_smallest_value,
            baseline.growth_percentile,
            additions.net_additions,
            additions.net_additions_low,
            additions.net_additions_high,
            additions.net_additions_prior,
            additions.net_additions_prior_low,
            additions.net_additions_prior_high,
            additions.net_additions_pct,
            preferred.pace,
            shares.share_pct,
            shares.share_contenders,
            ranks.rank_low,
            ranks.rank_high,
            ranks.contenders_ranked,
            benchmark.ratio_to_benchmark,
            benchmark.ratio_to_benchmark_prior,
            benchmark.lead_change,
            lifetime.lifetime_value,
            lifetime.lifetime_multiple,
            lifetime.is_lifetime_lower_bound,
            pairs.is_complete,
            pairs.is_comparable,
            coalesce(pairs.has_prior and pairs.is_same_measure, false) as is_same_measure,
            pairs.not_comparable_reason,
            pairs.break_ids,
            coalesce(preferred.is_preferred, false) as is_preferred,
            coalesce(preferred.is_preferred_level, false) as is_preferred_level,
            coalesce(preferred.direction, 'not comparable') as direction,
            pairs.coverage_pct,
            pairs.bias,
            {{
                worst_grade(
                    [
                        "pairs.grade",
                        "if(pairs.is_comparable or additions.year is not null, pairs.prior_grade, 'A')",
                        "coalesce(options.grade, 'A')",
                        "coalesce(roles.grade, 'A')",
                    ]
                )
            }} as grade,
            {{
                join_reasons(
                    [
                        "pairs.grade_reason",
                        "if((pairs.is_comparable or additions.year is not null) and pairs.prior_grade_reason "
                        ~ "is distinct from pairs.grade_reason, (pairs.year - 1) || ': ' "
                        ~ "|| pairs.prior_grade_reason, null)",
                        "options.reason",
                        "roles.reason",
                    ]
                )
            }} as grade_reason,
            if(
                preferred.compared_on = 'common months',
                common.common_grade,
                {{
                    worst_grade(
                        [
                            "pairs.grade",
                            "if(pairs.is_comparable or additions.year is not null, pairs.prior_grade, 'A')",
                        ]
                    )
                }}
            ) as change_grade,
            pairs.extract_ids,
            pairs.available_at
        from pairs
        left join {{ ref("int_yoy__standing") }} as standing using (series_id, year)
        left join {{ ref("int_yoy__changes") }} as changes using (series_id, year)
        left join {{ ref("int_yoy__common_months") }} as common using (series_id, year)
        left join {{ ref("int_yoy__lower_bounds") }} as bounds using (series_id, year)
        left join {{ ref("int_yoy__baseline") }} as baseline using (series_id, year)
        left join {{ ref("int_yoy__additions") }} as additions using (series_id, year)
        left join {{ ref("int_yoy__shares") }} as shares using (series_id, year)
        left join {{ ref("int_yoy__ranks") }} as ranks using (series_id, year)
        left join {{ ref("int_yoy__benchmark") }} as benchmark using (series_id, year)
        left join {{ ref("int_yoy__lifetime") }} as lifetime using (series_id, year)
        left join {{ ref("int_yoy__preferred") }} as preferred using (series_id, year)
        left join
            {{ ref("int_yoy__standardised") }} as standardised using (source_id, entity_type, entity_id, basis, year)
        left join
            {{ ref("int_yoy__instruments") }} as options
            on pairs.is_comparable
            and pairs.source_id = options.source_id
            and pairs.year = options.year
            and options.dimension = 'option'
        left join
            {{ ref("int_yoy__instruments") }} as roles
            on pairs.is_comparable
            and pairs.source_id = roles.source_id
            and pairs.year = roles.year
            and roles.dimension = 'role'
            and starts_with(pairs.segment, 'role=')
    )

select *
from final
