-- Downloads by calendar month, of months whose every day was still published. A day of next to nothing among thousands
-- is a day that was not counted, and so no day that is held.
with

    days as (
        select
            *,
            median(downloads) filter (downloads > 0) over (
                partition by extract_id, package, category, date_trunc('month', day_date)
            ) as usual_downloads
        from {{ current_rows("pypistats", "days") }}
    ),

    source as (
        select * exclude (usual_downloads)
        from days
        where coalesce(usual_downloads, 0) < 1000 or downloads >= usual_downloads / 100
    ),

    months as (
        select
            extract_id,
            landed_at,
            available_at,
            package,
            category,
            date_trunc('month', day_date)::date as month_date,
            sum(downloads) as downloads,
            count(distinct day_date) as days
        from source
        group by all
    ),

    observations as (
        select
            'pypi_downloads' as metric_id,
            'pypistats' as source_id,
            package as external_name,
            'all' as segment,
            if(category = 'with_mirrors', 'all_installers', category) as basis,
            month_date as period_start,
            (month_date + interval 1 month)::date as period_end,
            downloads as value,
            extract_id,
            landed_at,
            available_at
        from months
        where days = day(last_day(month_date))
    ),

    final as ({{ select_observations("observations") }})

select *
from final
