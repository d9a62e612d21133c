{# In k of n choices, the dissenters by name; nothing where the preferred choice cannot be computed, `alone` where no other
   one can. #}
{% macro format_robustness(before, agreeing, choices, dissenters, alone) -%}
    case
        when ({{ agreeing }}) is null then ''
        when ({{ choices }}) = 1 then '{{ alone }}'
        else {{ before }} || 'in ' || ({{ agreeing }}) || ' of ' || ({{ choices }}) || ' choices'
            || if(len({{ dissenters }}) > 0, ', but not by ' || array_to_string({{ dissenters }}, ' or '), '')
    end
{%- endmacro %}
