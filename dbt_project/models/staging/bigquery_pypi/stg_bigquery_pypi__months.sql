-- Downloads by calendar month and way of counting.
with

    observations as (
        select
            'pypi_downloads' as metric_id,
            'bigquery_pypi' as source_id,
            project as external_name,
            'all' as segment,
            basis,
            month_date as period_start,
            (month_date + interval 1 month)::date as period_end,
            downloads as value,
            extract_id,
            landed_at,
            available_at
        from {{ ref("stg_bigquery_pypi__counted") }}
    ),

    final as ({{ select_observations("observations") }})

select *
from final
