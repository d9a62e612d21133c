-- Downloads of whole months by way of counting: of all of them, and of those that a build system marked as its own.
-- `artifacts_only` are files whose name ends in .whl, .tar.gz or .zip, by any installer: the log has held nothing else
-- since 2026-08-24, so this way of counting is whole on both sides of that day. Where it was not asked for, it has no
-- row.
with

    whole as (
        select *
        from {{ current_rows("bigquery_pypi", "months") }} as source
        where days_held = day(last_day(month_date))
    ),

    by_installer as ({{ rows_by_installer_basis("whole") }}),

    by_basis as (
        select * exclude (artifact_downloads)
        from by_installer
        union all by name
        select * exclude (artifact_downloads) replace (artifact_downloads as downloads), 'artifacts_only' as basis
        from whole
        where artifact_downloads is not null
    ),

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
