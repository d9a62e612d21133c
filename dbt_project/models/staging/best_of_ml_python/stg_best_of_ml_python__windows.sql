-- Downloads of the thirty days before each snapshot, mirrors left out.
with

    observations as (
        select
            'pypi_downloads' as metric_id,
            'best_of_ml_python' as source_id,
            project as external_name,
            'all' as segment,
            'without_mirrors' as basis,
            snapshot_date - 30 as period_start,
            snapshot_date as period_end,
            value,
            extract_id,
            landed_at,
            available_at
        from {{ ref("stg_best_of_ml_python__accepted") }}
        where field = 'pypi_monthly_downloads'
    ),

    final as ({{ select_observations("observations") }})

select *
from final
