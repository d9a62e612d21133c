{# What a stock gained: the number with its sign, or its bounds. #}
{% macro said_gain(value, low, high, unit) -%}
    case
        when coalesce({{ low }}, {{ value }}) = coalesce({{ high }}, {{ value }}) then {{ said_signed('coalesce(' ~ low ~ ', ' ~ value ~ ')', unit) }}
        else {{ said_signed(low, unit) }} || ' to ' || {{ said_signed(high, unit) }}
    end
{%- endmacro %}
