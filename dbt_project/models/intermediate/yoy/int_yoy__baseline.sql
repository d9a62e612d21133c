-- Each growth of downloads beside the baseline of the same source, basis, year and months: whole years where they
-- compare, else the months that both years hold. `growth_percentile` is the share of the cohort that grew no more.
with

    changes as (
        select
            pairs.series_id,
            pairs.year,
            pairs.metric_id,
            pairs.source_id,
            pairs.basis,
            if(pairs.is_comparable, changes.yoy_pct, common.yoy_common_pct) as growth_pct,
            if(pairs.is_comparable, range(1, 13)::integer[], common.common_month_numbers) as month_numbers
        from {{ ref("int_yoy__pairs") }} as pairs
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        left join {{ ref("int_yoy__changes") }} as changes using (series_id, year)
        left join {{ ref("int_yoy__common_months") }} as common using (series_id, year)
        where metrics.baseline
    ),

    final as (
        select
            changes.series_id,
            changes.year,
            baselines.baseline_growth_pct,
            baselines.baseline_q25_pct,
            baselines.baseline_q75_pct,
            baselines.baseline_packages,
            baselines.baseline_fallen_out,
            baselines.baseline_smallest_value,
            if(
                baselines.baseline_growth_pct is null,
                null,
                100.0
                * len(list_filter(baselines.growths, lambda growth:growth <= changes.growth_pct))
                / baselines.baseline_packages
            ) as growth_percentile
        from changes
        inner join
            {{ ref("int_baseline__growth") }} as baselines using (metric_id, source_id, basis, year, month_numbers)
        where changes.growth_pct is not null
    )

select *
from final
