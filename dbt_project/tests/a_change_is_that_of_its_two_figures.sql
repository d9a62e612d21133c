-- Every change, computed again from the two figures that stand beside it: of two years, of their common months, of a
-- part of a year against a whole one, of a stock what was added, of a lifetime, against the benchmark; and the
-- direction that is said has the sign of the change.
with

    benchmark as (
        select yoy.metric_id, yoy.source_id, yoy.basis, yoy.segment, yoy.year, yoy.standing_value
        from {{ ref("fct_adoption_yoy") }} as yoy
        inner join
            {{ source("catalog", "review") }} as review
            on yoy.entity_id = review.benchmark
            and yoy.entity_type = 'contender'
    ),

    recomputed as (
        select
            yoy.*,
            case
                yoy.compared_on
                when 'year'
                then yoy.value - yoy.prior_value
                when 'common months'
                then yoy.common_value - yoy.common_prior_value
            end as moved,
            [
                [yoy.yoy_change, yoy.value - yoy.prior_value],
                [yoy.yoy_pct, 100 * (yoy.value / nullif(yoy.prior_value, 0) - 1)],
                [yoy.yoy_common_pct, 100 * (yoy.common_value / nullif(yoy.common_prior_value, 0) - 1)],
                [yoy.yoy_at_least_pct, 100 * (yoy.value / nullif(yoy.prior_value, 0) - 1)],
                [yoy.net_additions, yoy.value - yoy.prior_value],
                [
                    yoy.lifetime_multiple * yoy.lifetime_value,
                    if(yoy.kind = 'stock', yoy.value - yoy.prior_value, yoy.value)
                ],
                [yoy.ratio_to_benchmark, yoy.standing_value / nullif(benchmark.standing_value, 0)]
            ] as pairs
        from {{ ref("fct_adoption_yoy") }} as yoy
        left join benchmark using (metric_id, source_id, basis, segment, year)
    )

select series_id, year, direction, compared_on, moved, pairs
from recomputed
where
    len(list_filter(pairs, lambda pair:abs(pair[1] - pair[2]) > 1e-6 * greatest(1, abs(pair[2])))) > 0
    or (is_preferred and direction = 'up' and moved <= 0)
    or (is_preferred and direction = 'down' and moved >= 0)
    or not rank_low between 1 and rank_high
    or rank_high > contenders_ranked
