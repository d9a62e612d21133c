-- Downloads of whole months by way of counting: of all of them, and of those that a build system marked as its own.
with

source as (
    select *, max(days) over (partition by extract_id, project, month_date) as days_held
    from {{ current_rows('bigquery_pypi', 'months') }}
),

whole as (
    select * from source where days_held = day(last_day(month_date))
),

by_basis as (
    select 'pip_only' as basis, * from whole where installer = 'pip'
    union all
    select 'without_mirrors' as basis, * from whole where installer not in ({{ mirrors() }})
    union all
    select 'all_installers' as basis, * from whole
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

select * from final
