{# Select the shape from `relation`; columns that it does not have are null. #}
{% macro select_observations(relation) -%}
    select
        {% for column, type in observation_columns().items() -%}
            null::{{ type }} as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    where false
    union all by name
    select *
    from {{ relation }}
{%- endmacro %}
