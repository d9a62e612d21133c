-- Each contender over the benchmark contender of review.yaml, counted in the same way in the same year; of stocks what
-- they gained, if both gained. Beside it the same of the year before, where neither series broke, and what became of
-- the lead: it widened or narrowed by more than a twentieth, changed hands, or is steady.
with

    contenders as (
        select pairs.* replace (standing.standing_value as value)
        from {{ ref("int_yoy__pairs") }} as pairs
        inner join {{ ref("int_yoy__standing") }} as standing using (series_id, year)
        where
            pairs.entity_type = 'contender'
            and pairs.is_complete
            and standing.standing_value is not null
            and (pairs.kind <> 'stock' or standing.standing_value > 0)
    ),

    benchmark as (
        select contenders.*
        from contenders
        inner join {{ source("catalog", "review") }} as review on contenders.entity_id = review.benchmark
    ),

    ratios as (
        select
            contenders.series_id,
            contenders.year,
            contenders.value / nullif(benchmark.value, 0) as ratio,
            coalesce(contenders.is_same_measure and benchmark.is_same_measure, false) as is_same_measure
        from contenders
        inner join benchmark using (year, metric_id, source_id, basis, segment)
    ),

    final as (
        select
            ratios.series_id,
            ratios.year,
            ratios.ratio as ratio_to_benchmark,
            prior.ratio as ratio_to_benchmark_prior,
            case
                when least(ratios.ratio, prior.ratio) <= 0
                then null
                when sign(ln(ratios.ratio)) <> sign(ln(prior.ratio))
                then 'changed hands'
                when abs(ln(ratios.ratio)) > abs(ln(prior.ratio)) + ln(1.05)
                then 'widened'
                when abs(ln(ratios.ratio)) < abs(ln(prior.ratio)) - ln(1.05)
                then 'narrowed'
                when prior.ratio is not null
                then 'steady'
            end as lead_change
        from ratios
        left join
            ratios as prior
            on ratios.series_id = prior.series_id
            and ratios.year = prior.year + 1
            and ratios.is_same_measure
    )

select *
from final
