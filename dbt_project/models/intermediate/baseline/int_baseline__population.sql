{{ config(materialized="view") }}
-- Yearly downloads of every package of the sources that list them all. Which models hold them is said by the catalog,
-- not here.
{% for model in var("population_models") %}
    select metric_id, source_id, basis, external_name, year, value
    from {{ ref(model) }} {{ "union all" if not loop.last }}
{% else %}
    -- no source of this field lists every package: there is no baseline
    select
        null::varchar as metric_id,
        null::varchar as source_id,
        null::varchar as basis,
        null::varchar as external_name,
        null::integer as year,
        null::double as value
    where false
{% endfor %}
