-- The year, channel by channel: every contender for every metric, known or not.
with

yoy as (
    select * from {{ ref('fct_adoption_yoy') }} where entity_type = 'contender' and segment = 'all' and is_preferred
),

years as (
    select distinct year from {{ ref('fct_coverage') }}
),

-- the ratio on the best way of counting that holds both, even if each is shown on another
ratios as (
    select yoy.year, yoy.metric_id, yoy.entity_id, yoy.ratio_to_benchmark, yoy.basis as ratio_basis, yoy.source_id as ratio_source_id
    from {{ ref('fct_adoption_yoy') }} as yoy
    inner join {{ source('catalog', 'metric_sources') }} as ways using (metric_id, source_id, basis)
    where yoy.entity_type = 'contender' and yoy.segment = 'all' and yoy.ratio_to_benchmark is not null and ways.is_preferable
    qualify row_number() over (partition by yoy.year, yoy.metric_id, yoy.entity_id order by ways.preference) = 1
),

gaps as (
    select year, metric_id, entity_id, string_agg(distinct state, ', ' order by state) as states
    from {{ ref('fct_coverage') }}
    where entity_type = 'contender'
    group by all
),

final as (
    select
        years.year,
        metrics.position,
        metrics.metric_id,
        metrics.label as metric_label,
        metrics.channel,
        metrics.kind,
        metrics.unit,
        contenders.entity_id,
        contenders.label as entity_label,
        contenders.entity_id = review.focus as is_focus,
        contenders.entity_id = review.benchmark as is_benchmark,
        yoy.native_name,
        yoy.value is not null or yoy.low is not null as is_known,
        if(yoy.year is null, coalesce(gaps.states, 'no source covers this year'), null) as unknown_reason,
        yoy.source_id,
        yoy.basis,
        yoy.method,
        yoy.months_held,
        yoy.value,
        yoy.numerator,
        yoy.denominator,
        yoy.low,
        yoy.high,
        yoy.interval_kind,
        if(yoy.year is null, previous.value, yoy.prior_value) as prior_value,
        yoy.yoy_change,
        yoy.yoy_pct,
        yoy.yoy_low,
        yoy.yoy_high,
        yoy.yoy_interval_kind,
        yoy.yoy_common_pct,
        yoy.common_months,
        yoy.yoy_standardised,
        yoy.standardised_coverage_pct,
        yoy.tide_pct,
        yoy.growth_percentile,
        yoy.net_additions,
        yoy.net_additions_prior,
        yoy.net_additions_pct,
        yoy.share_pct,
        yoy.rank_low,
        yoy.rank_high,
        ratios.ratio_to_benchmark,
        ratios.ratio_basis,
        ratios.ratio_source_id,
        coalesce(yoy.is_complete, false) as is_complete,
        coalesce(yoy.is_comparable, false) as is_comparable,
        yoy.not_comparable_reason,
        yoy.direction,
        yoy.bias,
        yoy.grade,
        yoy.grade_reason,
        metrics.reads,
        metrics.read_by,
        metrics.caveats
    from years
    cross join {{ source('catalog', 'metrics') }} as metrics
    cross join {{ source('catalog', 'review') }} as review
    inner join {{ source('catalog', 'entities') }} as contenders on contenders.entity_type = 'contender'
    left join yoy on years.year = yoy.year and metrics.metric_id = yoy.metric_id and contenders.entity_id = yoy.entity_id
    -- a year that is not held still stands beside the one before
    left join yoy as previous
        on years.year = previous.year + 1 and metrics.metric_id = previous.metric_id and contenders.entity_id = previous.entity_id
    left join ratios on years.year = ratios.year and metrics.metric_id = ratios.metric_id and contenders.entity_id = ratios.entity_id
    left join gaps on years.year = gaps.year and metrics.metric_id = gaps.metric_id and contenders.entity_id = gaps.entity_id
)

select * from final
