-- Each contender over the benchmark contender of review.yaml, counted in the same way in the same year.
with

contenders as (
    select * from {{ ref('int_yoy__pairs') }} where entity_type = 'contender' and is_complete and value is not null
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
