{# What is known of a figure: the number, or its bounds; an interval from 0 is "below" its end, a share
   of which nothing is known upwards "at least" its beginning. #}
{% macro format_level(value, low, high, unit) -%}
    case
        when ({{ value }}) is not null then {{ format_figure(value, unit) }}
        when ({{ low }}) is null or ({{ high }}) is null then 'not known'
        when ({{ low }}) = ({{ high }}) then {{ format_figure(low, unit) }}
        when {{ unit }} = 'percent' and ({{ high }}) >= 100 then 'at least ' || {{ format_figure(low, unit) }}
        when ({{ low }}) = 0 then 'below ' || {{ format_figure(high, unit) }}
        when {{ format_figure(low, unit) }} = {{ format_figure(high, unit) }}
            then {{ format_figure(low, unit, 2) }} || ' to ' || {{ format_figure(high, unit, 2) }}
        else {{ format_figure(low, unit) }} || ' to ' || {{ format_figure(high, unit) }}
    end
{%- endmacro %}
