-- Downloads by month of the packages most downloaded ever, in whole months: what a baseline is measured on. Nobody who
-- is left out can have had more over any months than the last of them ever had (`smallest_downloads`). The newest
-- answer
-- about a month speaks for it.
with

    source as (select * from {{ current_rows("clickpy", "population") }}),

    months as (
        select
            source.package,
            (source.month_date + to_months((places.place - 1)::integer))::date as month_date,
            source.all_installers[places.place]::bigint as all_installers,
            source.pip_only[places.place]::bigint as pip_only,
            source.without_mirrors[places.place]::bigint as without_mirrors,
            source.days_held[places.place]::integer as days_held,
            source.smallest_total,
            source.smallest_total_by_installer,
            source.landed_at,
            source.extract_id
        from source
        cross join unnest(range(1, len(source.all_installers) + 1)) as places(place)
        qualify
            rank() over (
                partition by (source.month_date + to_months((places.place - 1)::integer))::date
                order by source.landed_at desc, source.extract_id desc
            )
            = 1
    ),

    whole as (select * from months where days_held = day(last_day(month_date))),

    by_basis as (
        select 'all_installers' as basis, package, month_date, all_installers as downloads, smallest_total
        from whole
        {% for basis in ["pip_only", "without_mirrors"] -%}
            union all
            select '{{ basis }}' as basis, package, month_date, {{ basis }} as downloads, smallest_total_by_installer
            from whole
            where {{ basis }} is not null and smallest_total_by_installer is not null
        {% endfor %}
    ),

    final as (
        select
            'pypi_downloads' as metric_id,
            'clickpy' as source_id,
            basis,
            package as external_name,
            month_date,
            downloads::double as downloads,
            smallest_total::double as smallest_downloads,
            true as is_of_all_time
        from by_basis
    )

select *
from final
