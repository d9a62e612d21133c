-- Share of each contender among the contenders whose flow is known, as a number, in this year and the year before:
-- a fixed set. Never for surveys, where people tick several. Null across a break.
with

    fixed_set as (
        select pairs.series_id, pairs.year, pairs.metric_id, pairs.source_id, pairs.basis, pairs.segment, pairs.value
        from {{ ref("int_yoy__pairs") }} as pairs
        where
            pairs.entity_type = 'contender'
            and pairs.kind = 'flow'
            and pairs.is_comparable
            and pairs.value is not null
            and pairs.prior_value is not null
    ),

    final as (
        select
            series_id,
            year,
            100.0
            * value
            / sum(value) over (
                partition by year, metric_id, source_id, basis, segment
                order by series_id
                rows between unbounded preceding and unbounded following
            ) as share_pct,
            count(*) over (partition by year, metric_id, source_id, basis, segment)::integer as share_contenders
        from fixed_set
    )

select *
from final
