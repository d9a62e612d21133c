-- The share of downloads that a build system marked as its own: the least that machines can have made.
with

whole as (
    select * from {{ current_rows('raw_log', 'months') }} as source where days_held = day(last_day(month_date))
),

observations as (
    select
        'pypi_automated_share' as metric_id,
        'raw_log' as source_id,
        project as external_name,
        'all' as segment,
        'marked_automated' as basis,
        month_date as period_start,
        (month_date + interval 1 month)::date as period_end,
        100.0 * marked_downloads / nullif(downloads, 0) as value,
        marked_downloads as numerator,
        downloads as denominator,
        extract_id,
        landed_at,
        available_at
    from whole
    where basis = 'all_installers'
),

final as (
    {{ select_observations('observations') }}
)

select * from final
