-- The baseline of every comparison of downloads: the growth of the median package of the cohort, with quartiles, the
-- number of packages, how many of them fell out (those count as below every growth), and the smallest figure that the
-- later list names. Null where more than half fell out, and under 100 packages there is none.
with

    growth as (
        select
            *,
            value is null as is_fallen_out,
            -- below whatever can be seen
            coalesce(100.0 * (value / prior_value - 1), -100.0) as growth_pct
        from {{ ref("int_baseline__cohorts") }}
    ),

    final as (
        select
            metric_id,
            source_id,
            basis,
            year,
            month_numbers,
            count(*)::integer as baseline_packages,
            count(*) filter (is_fallen_out)::integer as baseline_fallen_out,
            any_value(smallest_value) as baseline_smallest_value,
            if(2 * count(*) filter (is_fallen_out) > count(*), null, median(growth_pct)) as baseline_growth_pct,
            if(
                4 * count(*) filter (is_fallen_out) > count(*), null, quantile_cont(growth_pct, 0.25)
            ) as baseline_q25_pct,
            if(
                2 * count(*) filter (is_fallen_out) > count(*), null, quantile_cont(growth_pct, 0.75)
            ) as baseline_q75_pct,
            list(growth_pct) as growths
        from growth
        group by all
        having count(*) >= 100
    )

select *
from final
