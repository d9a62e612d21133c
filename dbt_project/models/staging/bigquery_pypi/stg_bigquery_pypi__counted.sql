-- Downloads of whole months by way of counting: of all of them, and of those that a build system marked as its own.
with

    whole as (
        select *
        from {{ current_rows("bigquery_pypi", "months") }} as source
        where days_held = day(last_day(month_date))
    ),

    by_basis as ({{ rows_by_installer_basis("whole") }}),

    final as (
        select
            extract_id,
            landed_at,
            available_at,
            project,
            month_date,
            basis,
            sum(downloads) as downloads,
            coalesce(sum(downloads) filter (automation = 'marked'), 0) as marked_downloads
        from by_basis
        group by all
    )

select *
from final
