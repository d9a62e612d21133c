{# A change with its sign. #}
{% macro format_change(change, unit) -%}
    if(({{ change }}) < 0, '-', '+') || {{ format_size(change, unit) }}
{%- endmacro %}
