-- Each contender over the benchmark contender of review.yaml, counted in the same way in the same year; of stocks what
-- they gained, if both gained.
with

contenders as (
    select pairs.* replace (standing.standing_value as value)
    from {{ ref('int_yoy__pairs') }} as pairs
    inner join {{ ref('int_yoy__standing') }} as standing using (series_id, year)
    where
        pairs.entity_type = 'contender' and pairs.is_complete and standing.standing_value is not null
        and (pairs.kind <> 'stock' or standing.standing_value > 0)
),

benchmark as (
    select contenders.*
    from contenders
    inner join {{ source('catalog', 'review') }} as review on contenders.entity_id = review.benchmark
),

final as (
    select contenders.series_id, contenders.year, contenders.value / nullif(benchmark.value, 0) as ratio_to_benchmark
    from contenders
    inner join benchmark using (year, metric_id, source_id, basis, segment)
)

select * from final
