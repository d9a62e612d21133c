{{ config(materialized="view") }}
-- Every staged observation. Which models emit observations is said by the catalog, not here.
{% for part in range(1, 5) %}
    select * from {{ ref("int_observations__part_" ~ part) }} {{ "union all" if not loop.last }}
{% endfor %}
