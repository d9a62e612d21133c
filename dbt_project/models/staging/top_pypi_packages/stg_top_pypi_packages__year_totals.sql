-- Downloads of every package of the published lists over a calendar year, or nearly: what the baseline is measured on.
with

    source as (
        select *
        from
            {{
                current_rows(
                    "top_pypi_packages",
                    "year_totals",
                    has_available_at=true,
                    key="package, window_start_date, window_end_date, installers",
                )
            }}
    ),

    final as (
        select
            'pypi_downloads' as metric_id,
            'top_pypi_packages' as source_id,
            if(installers = 'pip', 'pip_only', 'all_installers') as basis,
            package as external_name,
            -- a window may begin up to three days before or after the first of January
            year(window_start_date + 4)::integer as year,
            downloads::double as value
        from source
    )

select *
from final
