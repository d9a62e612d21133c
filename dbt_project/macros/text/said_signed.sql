{# A count with its sign. #}
{% macro said_signed(value, unit) -%}
    if(({{ value }}) < 0, '-', '+') || {{ format_figure('abs(' ~ value ~ ')', unit) }}
{%- endmacro %}
