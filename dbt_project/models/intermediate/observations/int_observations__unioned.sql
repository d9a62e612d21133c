{{ config(materialized="view") }}
-- Every staged observation.
{% for part in range(1, 5) %}
    select * from {{ ref("int_observations__part_" ~ part) }} {{ "union all" if not loop.last }}
{% endfor %}
