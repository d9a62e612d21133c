-- The packages most downloaded in each whole month of the log, by way of counting: what a baseline is measured on.
with

    final as (
        {{
            listed_population(
                "bigquery_pypi",
                "pypi_downloads",
                ["pip_only", "without_mirrors", "all_installers", "artifacts_only"],
            )
        }}
    )

select *
from final
