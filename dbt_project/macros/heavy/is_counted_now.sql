{# Whether a row belongs to what this statement counts: the tables may hold other months, which stay as they are. #}
{% macro is_counted_now(column) -%}
    {{ return(adapter.dispatch("is_counted_now", "adoption_heavy")(column)) }}
{%- endmacro %}
