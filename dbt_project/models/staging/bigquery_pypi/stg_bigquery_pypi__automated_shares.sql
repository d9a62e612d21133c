-- The share of downloads that a build system marked as its own: the least that machines can have made.
with

    observations as ({{ automated_share("bigquery_pypi", "pypi_automated_share", ref("stg_bigquery_pypi__counted")) }}),

    final as ({{ select_observations("observations") }})

select *
from final
