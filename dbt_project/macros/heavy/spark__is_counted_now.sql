{# All months of the invocation at once. #}
{% macro spark__is_counted_now(column) -%}
    {{ column }}
    in ({% for one in var("months") %}date '{{ one.month }}'{{ ', ' if not loop.last }}{% else %}null{% endfor %})
{%- endmacro %}
