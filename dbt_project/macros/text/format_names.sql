{# Names in brackets, where there are any. #}
{% macro format_names(names) -%}
    coalesce(' (' || array_to_string({{ names }}, ', ') || ')', '')
{%- endmacro %}
