{# The shape of a staged observation, without a row. #}
{% macro no_observations() -%}
    select
        {% for column, type in observation_columns().items() -%}
            null::{{ type }} as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    where false
{%- endmacro %}
