-- Downloads by calendar month. The way of counting changes inside the file and names the basis row by row; where a
-- package was counted in two ways, their sum exists only as the basis `mixed`.
with

    source as (
        select
            *,
            if(source_format = 'pypinfo', 'pip_only', 'without_mirrors') as counted,
            min(source_format) over (partition by package)
            <> max(source_format) over (partition by package) as has_two_bases
        from {{ current_rows("pypi_tools", "months", has_available_at=true, key="package, month_date, source_format") }}
    ),

    by_basis as (
        select counted as basis, *
        from source
        union all
        select 'mixed' as basis, *
        from source
        where has_two_bases
    ),

    observations as (
        select
            'pypi_downloads' as metric_id,
            'pypi_tools' as source_id,
            package as external_name,
            'all' as segment,
            basis,
            month_date as period_start,
            (month_date + interval 1 month)::date as period_end,
            downloads as value,
            extract_id,
            landed_at,
            available_at
        from by_basis
    ),

    final as ({{ select_observations("observations") }})

select *
from final
