{# Select the shape from `relation`; columns that it does not have are null. #}
{% macro select_observations(relation) -%}
    {{ no_observations() }}
    union all by name
    select *
    from {{ relation }}
{%- endmacro %}
