-- The packages most downloaded in each whole month of a log, by way of counting: what a baseline is measured on.
with

    final as (
        {{
            listed_population(
                "raw_log", "pypi_downloads", ["pip_only", "without_mirrors", "all_installers", "artifacts_only"]
            )
        }}
    )

select *
from final
