{# A number inside a line of evidence: large ones whole and with separators, others with four digits. #}
{% macro figure(value) -%}
    case
        when ({{ value }}) is null
        then 'not known'
        when abs({{ value }}) >= 1000
        then format('{:,}', round({{ value }})::bigint)
        else printf('%.4g', ({{ value }})::double)
    end
{%- endmacro %}
