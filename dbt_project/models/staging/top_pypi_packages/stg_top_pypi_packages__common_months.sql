-- Downloads of every package over the months that a year and the year before both list: what the baseline of a year
-- that lacks months is measured on. `value` is null where a package fell out of a list of the later year.
with

    source as (
        select *
        from
            {{
                current_rows(
                    "top_pypi_packages", "common_months", has_available_at=true, key="package, year, installers"
                )
            }}
    ),

    final as (
        select
            'pypi_downloads' as metric_id,
            'top_pypi_packages' as source_id,
            if(installers = 'pip', 'pip_only', 'all_installers') as basis,
            package as external_name,
            year::integer as year,
            string_split(months, ' ')::integer[] as month_numbers,
            prior_downloads::double as prior_value,
            nullif(downloads, 0)::double as value,
            smallest_downloads::double as smallest_value
        from source
    )

select *
from final
