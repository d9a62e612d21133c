-- Downloads by calendar month and way of counting. A month is whole only if the package was downloaded on each of its days:
-- where the publisher's import stalled, days are missing, and the sum would be too small.
with

source as (
    select *, max(days) over (partition by extract_id, project, month_date) as days_held
    from {{ current_rows('clickpy', 'downloads') }}
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

observations as (
    select
        'pypi_downloads' as metric_id,
        'clickpy' as source_id,
        project as native_name,
        'all' as segment,
        basis,
        month_date as period_start,
        (month_date + interval 1 month)::date as period_end,
        sum(downloads) as value,
        extract_id,
        landed_at,
        available_at
    from by_basis
    group by all
),

final as (
    {{ select_observations('observations') }}
)

select * from final
