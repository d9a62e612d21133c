{# Which way a change goes: 1 or -1 where the whole interval lies beyond what the method moves by itself, in the unit of
   the change; 0 where an exact number did not change; else null. #}
{% macro move_beyond(change, low, high, tolerance) -%}
    case
        when {{ low }} is null and {{ high }} is null
        then if(abs({{ change }}) > {{ tolerance }} or {{ tolerance }} = 0, sign({{ change }}), null)
        when {{ low }} > {{ tolerance }}
        then 1
        when {{ high }} < -{{ tolerance }}
        then -1
    end
{%- endmacro %}
