{# Figures as a sentence of the brief says them, in the same form as `adoption.reports.format` prints them. #}

{# How many decimals show so many digits of a number below one. #}
{% macro decimals_for(value, digits) -%}
    ({{ digits }} - 1 - floor(log10(abs({{ value }}))))::integer
{%- endmacro %}

{# A figure in its unit: counts whole; percentages, rates and indices with one decimal, below one with three digits. #}
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

{# What is known of a figure: the number, or its bounds; an interval from 0 is "below" its end. #}
{% macro format_level(value, low, high, unit) -%}
    case
        when ({{ value }}) is not null then {{ format_figure(value, unit) }}
        when ({{ low }}) is null or ({{ high }}) is null then 'not known'
        when ({{ low }}) = ({{ high }}) then {{ format_figure(low, unit) }}
        when ({{ low }}) = 0 then 'below ' || {{ format_figure(high, unit) }}
        when {{ format_figure(low, unit) }} = {{ format_figure(high, unit) }}
            then {{ format_figure(low, unit, 2) }} || ' to ' || {{ format_figure(high, unit, 2) }}
        else {{ format_figure(low, unit) }} || ' to ' || {{ format_figure(high, unit) }}
    end
{%- endmacro %}

{# What a stock gained: the number with its sign, or its bounds. #}
{% macro said_gain(value, low, high, unit) -%}
    case
        when coalesce({{ low }}, {{ value }}) = coalesce({{ high }}, {{ value }}) then {{ said_signed('coalesce(' ~ low ~ ', ' ~ value ~ ')', unit) }}
        else {{ said_signed(low, unit) }} || ' to ' || {{ said_signed(high, unit) }}
    end
{%- endmacro %}

{# A count with its sign. #}
{% macro said_signed(value, unit) -%}
    if(({{ value }}) < 0, '-', '+') || {{ format_figure('abs(' ~ value ~ ')', unit) }}
{%- endmacro %}

{# The size of a change: percent without decimals from 10 on, points with one, below one with two digits. #}
{% macro format_size(change, unit) -%}
    case
        when ({{ unit }}) = 'points' and (abs({{ change }}) >= 1 or ({{ change }}) = 0) then printf('%.1f points', abs({{ change }}))
        when ({{ unit }}) = 'points' then printf('%.*f points', {{ decimals_for(change, 2) }}, abs({{ change }}))
        when abs({{ change }}) >= 10 then format('{:,}', round(abs({{ change }}))::bigint) || ' %'
        else printf('%.1f %%', abs({{ change }}))
    end
{%- endmacro %}

{# A change with its sign. #}
{% macro format_change(change, unit) -%}
    if(({{ change }}) < 0, '-', '+') || {{ format_size(change, unit) }}
{%- endmacro %}

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

{# In how many of a metric's parts one thing holds, and in how many its opposite. #}
{% macro format_parts(verb, count, opposite_verb, opposite_count, parts, part_name) -%}
    case
        when ({{ opposite_count }}) = 0 then '{{ verb }} in ' || ({{ count }})
        when ({{ count }}) = 0 then '{{ opposite_verb }} in ' || ({{ opposite_count }})
        else '{{ verb }} in ' || ({{ count }}) || ' and {{ opposite_verb }} in ' || ({{ opposite_count }})
    end || ' of ' || ({{ parts }}) || ' ' || ({{ part_name }}) || if(({{ parts }}) = 1, '', 's')
{%- endmacro %}

{# Names in brackets, where there are any. #}
{% macro format_names(names) -%}
    coalesce(' (' || array_to_string({{ names }}, ', ') || ')', '')
{%- endmacro %}
