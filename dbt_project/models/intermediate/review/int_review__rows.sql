-- The year, channel by channel: every contender for every metric, known or not, in its preferred way of counting. A
-- metric that has parts only is shown part by part; context that names no framework is shown by market.
with

    speaks_of as (
        select
            metrics.metric_id,
            if(metrics.channel = 'context' and count(names.name) = 0, 'market', 'contender') as entity_type
        from {{ source("catalog", "metrics") }} as metrics
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id)
        inner join {{ source("catalog", "sources") }} as sources using (source_id)
        left join
            {{ source("catalog", "names") }} as names
            on sources.namespace = names.namespace
            and names.entity_type in ('framework', 'contender')
        group by metrics.metric_id, metrics.channel
    ),

    yoy as (
        select yoy.*
        from {{ ref("int_yoy__compared") }} as yoy
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        inner join speaks_of using (metric_id, entity_type)
        where yoy.is_preferred and (yoy.segment = 'all' or metrics.parts)
    ),

    -- what could be shown: a contender in every metric, a market in the metrics that name it
    shown as (
        select distinct metrics.metric_id, entities.entity_type, entities.entity_id, entities.label
        from {{ source("catalog", "metrics") }} as metrics
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id)
        inner join {{ source("catalog", "sources") }} as sources using (source_id)
        inner join speaks_of using (metric_id)
        inner join {{ source("catalog", "entities") }} as entities on speaks_of.entity_type = entities.entity_type
        left join
            {{ source("catalog", "names") }} as names
            on sources.namespace = names.namespace
            and entities.entity_type = names.entity_type
            and entities.entity_id = names.entity_id
        where entities.entity_type = 'contender' or names.entity_id is not null
    ),

    segments as (
        select distinct metric_id, segment
        from yoy
        union
        select metric_id, 'all'
        from {{ source("catalog", "metrics") }}
        where not parts
    ),

    years as (select distinct year from {{ ref("int_years__coverage") }}),

    -- the ratio on the best way of counting that holds both, even if each is shown on another
    ratios as (
        select
            yoy.year,
            yoy.metric_id,
            yoy.entity_id,
            yoy.segment,
            yoy.ratio_to_benchmark,
            yoy.basis as ratio_basis,
            yoy.source_id as ratio_source_id
        from {{ ref("int_yoy__compared") }} as yoy
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
        where yoy.entity_type = 'contender' and yoy.ratio_to_benchmark is not null and ways.is_preferable
        qualify
            row_number() over (
                partition by yoy.year, yoy.metric_id, yoy.entity_id, yoy.segment order by ways.preference
            )
            = 1
    ),

    -- what the other comparable ways of counting of the same source say
    others as (
        select
            yoy.series_id,
            yoy.year,
            list(
                replace(other.basis, '_', ' ')
                || ': '
                || if(other.kind = 'share', printf('%+.1f points', other.yoy_change), printf('%+.1f %%', other.yoy_pct))
                order by other.basis
            ) as other_ways
        from yoy
        inner join
            {{ ref("int_yoy__compared") }} as other using (year, metric_id, source_id, entity_type, entity_id, segment)
        where other.basis <> yoy.basis and other.is_comparable and coalesce(other.yoy_pct, other.yoy_change) is not null
        group by all
    ),

    how as (
        select
            ways.metric_id,
            string_agg(sources.label || ': ' || sources.how_to_get, '; ' order by ways.preference) as how_to_get
        from
            (
                select metric_id, source_id, min(preference) as preference
                from {{ source("catalog", "metric_sources") }}
                group by all
            ) as ways
        inner join {{ source("catalog", "sources") }} as sources using (source_id)
        group by all
    ),

    gaps as (
        select year, metric_id, entity_type, entity_id, string_agg(distinct state, ', ' order by state) as states
        from {{ ref("int_years__coverage") }}
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
            shown.entity_type,
            shown.entity_id,
            shown.label as entity_label,
            segments.segment,
            shown.entity_id = review.focus as is_focus,
            shown.entity_id = review.benchmark as is_benchmark,
            yoy.external_name,
            yoy.value is not null or yoy.low is not null as is_known,
            if(yoy.year is null, coalesce(gaps.states, 'no source covers this year'), null) as no_data_reason,
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
            if(yoy.year is null, previous.months_held, yoy.prior_months_held) as prior_months_held,
            coalesce(if(yoy.year is null, previous.is_complete, yoy.is_prior_complete), false) as is_prior_complete,
            if(yoy.year is null, previous.low, yoy.prior_low) as prior_low,
            if(yoy.year is null, previous.high, yoy.prior_high) as prior_high,
            yoy.yoy_change,
            yoy.yoy_pct,
            yoy.yoy_low,
            yoy.yoy_high,
            yoy.yoy_interval_kind,
            yoy.common_months,
            yoy.common_value,
            yoy.common_prior_value,
            yoy.yoy_common_pct,
            yoy.yoy_common_low,
            yoy.yoy_common_high,
            yoy.yoy_at_least_pct,
            yoy.compared_on,
            yoy.periods_compared,
            yoy.yoy_standardised,
            yoy.standardised_coverage_pct,
            yoy.baseline_growth_pct,
            yoy.growth_percentile,
            yoy.net_additions,
            yoy.net_additions_low,
            yoy.net_additions_high,
            yoy.net_additions_prior,
            yoy.net_additions_prior_low,
            yoy.net_additions_prior_high,
            yoy.net_additions_pct,
            yoy.pace,
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
            coalesce(others.other_ways, []) as other_ways,
            how.how_to_get,
            yoy.bias,
            yoy.grade,
            yoy.grade_reason,
            metrics.reads,
            metrics.read_by,
            metrics.caveats
        from years
        cross join {{ source("catalog", "metrics") }} as metrics
        cross join {{ source("catalog", "review") }} as review
        inner join shown using (metric_id)
        inner join segments using (metric_id)
        inner join how using (metric_id)
        left join
            yoy
            on years.year = yoy.year
            and metrics.metric_id = yoy.metric_id
            and shown.entity_type = yoy.entity_type
            and shown.entity_id = yoy.entity_id
            and segments.segment = yoy.segment
        -- a year that is not available still stands beside the one before
        left join
            yoy as previous
            on years.year = previous.year + 1
            and metrics.metric_id = previous.metric_id
            and shown.entity_type = previous.entity_type
            and shown.entity_id = previous.entity_id
            and segments.segment = previous.segment
        left join others on yoy.series_id = others.series_id and yoy.year = others.year
        left join
            ratios
            on years.year = ratios.year
            and metrics.metric_id = ratios.metric_id
            and shown.entity_id = ratios.entity_id
            and segments.segment = ratios.segment
        left join
            gaps
            on years.year = gaps.year
            and metrics.metric_id = gaps.metric_id
            and shown.entity_type = gaps.entity_type
            and shown.entity_id = gaps.entity_id
    )

select *
from final
