{# A figure in its unit: counts whole; percentages, rates and indices with one decimal, below one with three digits.
   A sentence of the brief says it in the same form as `adoption.reports.format` prints it. #}
{% macro format_figure(value, unit, decimals=none) -%}
    case
        when ({{ value }}) is null then 'not known'
        when not regexp_matches({{ unit }}, '^(percent|per |index)') then format('{:,}', round({{ value }})::bigint)
        else
            {% if decimals is not none -%} printf('%.{{ decimals }}f', {{ value }})
            {%- else -%} if(abs({{ value }}) >= 1 or ({{ value }}) = 0, printf('%.1f', {{ value }}), printf('%.*f', {{ decimals_for(value, 3) }}, {{ value }}))
            {%- endif %} || if(starts_with({{ unit }}, 'percent'), ' %', '')
    end
{%- endmacro %}
