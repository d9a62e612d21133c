-- Downloads as a share of the published list they stand in: same source, window, basis. A list of another length is
-- another whole, so its length is the instrument.
with

    windows as (select * from {{ ref("stg_top_pypi_packages__windows") }} where value is not null),

    observations as (
        select
            windows.* replace (
                'pypi_download_share' as metric_id,
                100.0 * windows.value / snapshots.all_downloads as value,
                windows.value as numerator,
                snapshots.all_downloads as denominator,
                'the ' || snapshots.packages || ' packages most downloaded' as instrument
            )
        from windows
        inner join
            {{ ref("stg_top_pypi_packages__snapshots") }} as snapshots
            on windows.period_start = snapshots.window_start_date
            and windows.period_end = snapshots.window_end_date + 1
            and windows.basis = snapshots.basis
    ),

    final as ({{ select_observations("observations") }})

select *
from final
