{# A number inside a line of evidence: large ones whole and with separators, others with four digits. #}
{% macro figure(value) -%}
    case
        when ({{ value }}) is null then 'not known'
        when abs({{ value }}) >= 1000 then format('{:,}', round({{ value }})::bigint)
        else printf('%.4g', ({{ value }})::double)
    end
{%- endmacro %}

{# What is known of a figure inside a line of evidence: the number, or its bounds. #}
{% macro figure_or_bounds(value, low, high) -%}
    if(({{ value }}) is null and ({{ high }}) is not null, {{ figure(low) }} || ' to ' || {{ figure(high) }}, {{ figure(value) }})
{%- endmacro %}
