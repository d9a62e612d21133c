{# The lists of the packages most downloaded in a month, one for each way of counting, as months of packages. A list is
   as long as `list_length` at most: one that is shorter leaves nobody out. Of a month that lacks days there is none. #}
{% macro listed_population(source_name, metric_id, bases) -%}
    select
        '{{ metric_id }}' as metric_id,
        '{{ source_name }}' as source_id,
        basis,
        package as external_name,
        month_date,
        downloads::double as downloads,
        if(count(*) over list < max(list_length) over list, 0, min(downloads) over list)::double as smallest_downloads,
        false as is_of_all_time
    from
        (
            {% for basis in bases -%}
                select '{{ basis }}' as basis, package, month_date, list_length, {{ basis }} as downloads
                from {{ current_rows(source_name, "population") }} as population
                where
                    {{ basis }} is not null and days_held = day(last_day(month_date)) {{ "union all" if not loop.last }}
            {% endfor %}
        ) as listed
    window list as (partition by basis, month_date)
{%- endmacro %}
