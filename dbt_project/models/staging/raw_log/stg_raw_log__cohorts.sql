-- What the baseline of a year is measured on: the packages that every month of the year before lists, over the whole
-- months that the log has of both years, three or more. No package that is on none of the later lists can have had more
-- than their smallest counts together (`smallest_value`): of those that had less before nothing is known, and they are
-- left out. `value` is null where a package is on none of the later lists; where some of them lack it, it had at most
-- their smallest counts there.
with

    whole as (
        select * from {{ current_rows("raw_log", "population") }} as source where days_held = day(last_day(month_date))
    ),

    listed as (
        {% for basis in ["pip_only", "without_mirrors", "all_installers", "artifacts_only"] -%}
            select '{{ basis }}' as basis, package, month_date, list_length, {{ basis }} as downloads
            from whole
            where {{ basis }} is not null {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    lists as (
        select
            basis,
            year(month_date)::integer as year,
            month(month_date)::integer as month_number,
            month_date,
            -- a list that is not full leaves nobody out
            if(count(*) < max(list_length), 0, min(downloads))::double as smallest_downloads
        from listed
        group by all
    ),

    pairs as (
        select
            later.basis,
            later.year,
            later.month_number,
            earlier.month_date as earlier_month,
            later.month_date as later_month,
            later.smallest_downloads
        from lists as later
        inner join
            lists as earlier
            on later.basis = earlier.basis
            and later.year = earlier.year + 1
            and later.month_number = earlier.month_number
    ),

    spans as (
        select
            basis,
            year,
            list(month_number order by month_number)::integer[] as month_numbers,
            count(*) as months,
            sum(smallest_downloads) as smallest_value
        from pairs
        group by all
        having count(*) >= 3
    ),

    earlier as (
        select pairs.basis, pairs.year, listed.package, sum(listed.downloads)::double as prior_value
        from pairs
        inner join listed on pairs.basis = listed.basis and pairs.earlier_month = listed.month_date
        inner join spans on pairs.basis = spans.basis and pairs.year = spans.year
        group by pairs.basis, pairs.year, listed.package, spans.months
        having count(*) = spans.months
    ),

    later as (
        select
            pairs.basis,
            pairs.year,
            listed.package,
            sum(listed.downloads)::double as downloads,
            sum(pairs.smallest_downloads) as smallest_where_listed
        from pairs
        inner join listed on pairs.basis = listed.basis and pairs.later_month = listed.month_date
        group by all
    ),

    final as (
        select
            'pypi_downloads' as metric_id,
            'raw_log' as source_id,
            earlier.basis,
            earlier.year,
            spans.month_numbers,
            earlier.package as external_name,
            earlier.prior_value,
            later.downloads + spans.smallest_value - later.smallest_where_listed as value,
            spans.smallest_value
        from earlier
        inner join spans on earlier.basis = spans.basis and earlier.year = spans.year
        left join later on earlier.basis = later.basis and earlier.year = later.year and earlier.package = later.package
        where earlier.prior_value > 0 and earlier.prior_value >= spans.smallest_value
    )

select *
from final
