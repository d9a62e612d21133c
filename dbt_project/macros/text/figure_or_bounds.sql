{# What is known of a figure inside a line of evidence: the number, or its bounds. #}
{% macro figure_or_bounds(value, low, high) -%}
    if(
        ({{ value }}) is null and ({{ high }}) is not null,
        {{ figure(low) }} || ' to ' || {{ figure(high) }},
        {{ figure(value) }}
    )
{%- endmacro %}
