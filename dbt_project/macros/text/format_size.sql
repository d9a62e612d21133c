{# The size of a change: percent without decimals from 10 on, points with one, below one with two digits. #}
{% macro format_size(change, unit) -%}
    case
        when ({{ unit }}) = 'points' and (abs({{ change }}) >= 1 or ({{ change }}) = 0)
        then printf('%.1f points', abs({{ change }}))
        when ({{ unit }}) = 'points'
        then printf('%.*f points', {{ decimals_for(change, 2) }}, abs({{ change }}))
        when abs({{ change }}) >= 10
        then format('{:,}', round(abs({{ change }}))::bigint) || ' %'
        else printf('%.1f %%', abs({{ change }}))
    end
{%- endmacro %}
