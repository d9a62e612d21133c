{{ config(materialized="view") }}
-- Downloads by month of the packages of the sources that list the largest of them. Which models hold them is said
-- by the catalog, not here. Who is not in a month's list had at most `smallest_downloads` in it; or, where the list
-- `is_of_all_time`, over any months together.
{% for model in var("population_month_models") %}
    select metric_id, source_id, basis, external_name, month_date, downloads, smallest_downloads, is_of_all_time
    from {{ ref(model) }} {{ "union all" if not loop.last }}
{% else %}
    -- no source of this field lists its largest packages by month
    select
        null::varchar as metric_id,
        null::varchar as source_id,
        null::varchar as basis,
        null::varchar as external_name,
        null::date as month_date,
        null::double as downloads,
        null::double as smallest_downloads,
        null::boolean as is_of_all_time
    where false
{% endfor %}
