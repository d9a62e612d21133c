-- Each comparable growth beside the growth of all packages of the same source and basis: their median, quartiles and
-- number, and the share of them that grew no more. Null under 100 packages.
with

growth as (
    select * from {{ ref('int_baseline__growth') }}
),

baselines as (
    select
        metric_id, source_id, basis, year,
        count(*)::integer as baseline_packages,
        median(growth_pct) as baseline_growth_pct,
        quantile_cont(growth_pct, 0.25) as baseline_q25_pct,
        quantile_cont(growth_pct, 0.75) as baseline_q75_pct,
        list(growth_pct) as growths
    from growth
    group by all
    having count(*) >= 100
),

final as (
    select
        changes.series_id,
        changes.year,
        baselines.baseline_growth_pct,
        baselines.baseline_q25_pct,
        baselines.baseline_q75_pct,
        baselines.baseline_packages,
        100.0 * len(list_filter(baselines.growths, lambda growth: growth <= changes.yoy_pct)) / baselines.baseline_packages as growth_percentile
    from {{ ref('int_yoy__changes') }} as changes
    inner join {{ ref('int_yoy__pairs') }} as pairs using (series_id, year)
    inner join {{ source('catalog', 'metrics') }} as metrics using (metric_id)
    inner join baselines using (metric_id, source_id, basis, year)
    where metrics.baseline and changes.yoy_pct is not null
)

select * from final
