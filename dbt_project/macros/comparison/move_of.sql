{# Which way a change goes: its sign where it is a number without bounds, else only if no bound lies on the other side.
   #}
{% macro move_of(change, low, high) -%}
    case
        when ({{ low }}) is null and ({{ high }}) is null
        then sign({{ change }})
        when ({{ low }}) > 0
        then 1
        when ({{ high }}) < 0
        then -1
    end
{%- endmacro %}
