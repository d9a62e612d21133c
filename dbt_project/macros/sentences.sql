{# Figures as a sentence of the brief says them, in the same form as `adoption.phrases` prints them. #}

{# A figure in its unit: counts whole; percentages, rates and indices with the decimals that small ones need. #}
{% macro said_figure(value, unit, decimals=none) -%}
    case
        when ({{ value }}) is null then 'not known'
        when not regexp_matches({{ unit }}, '^(percent|per |index)') then format('{:,}', round({{ value }})::bigint)
        else
            {% if decimals is not none -%} printf('%.{{ decimals }}f', {{ value }})
            {%- else -%} if(abs({{ value }}) >= 1 or ({{ value }}) = 0, printf('%.1f', {{ value }}), printf('%.3f', {{ value }}))
            {%- endif %} || if(starts_with({{ unit }}, 'percent'), ' %', '')
    end
{%- endmacro %}

{# What is known of a figure: the number, or its bounds; an interval from 0 is "below" its end. #}
{% macro said_level(value, low, high, unit) -%}
    case
        when ({{ value }}) is not null then {{ said_figure(value, unit) }}
        when ({{ low }}) is null or ({{ high }}) is null then 'not known'
        when ({{ low }}) = ({{ high }}) then {{ said_figure(low, unit) }}
        when ({{ low }}) = 0 then 'below ' || {{ said_figure(high, unit) }}
        when {{ said_figure(low, unit) }} = {{ said_figure(high, unit) }}
            then {{ said_figure(low, unit, 2) }} || ' to ' || {{ said_figure(high, unit, 2) }}
        else {{ said_figure(low, unit) }} || ' to ' || {{ said_figure(high, unit) }}
    end
{%- endmacro %}

{# The size of a change: percent without decimals from 10 on, points with one, small points with two. #}
{% macro said_size(change, unit) -%}
    case
        when ({{ unit }}) = 'points' then printf(if(abs({{ change }}) >= 1, '%.1f points', '%.2f points'), abs({{ change }}))
        when abs({{ change }}) >= 10 then format('{:,}', round(abs({{ change }}))::bigint) || ' %'
        else printf('%.1f %%', abs({{ change }}))
    end
{%- endmacro %}

{# A change with its sign. #}
{% macro said_change(change, unit) -%}
    if(({{ change }}) < 0, '-', '+') || {{ said_size(change, unit) }}
{%- endmacro %}

{# In k of n choices, the dissenters by name; nothing where the preferred choice cannot be computed. #}
{% macro said_robustness(before, agreeing, choices, dissenters) -%}
    case
        when ({{ agreeing }}) is null then ''
        else {{ before }} || 'in ' || ({{ agreeing }}) || ' of ' || ({{ choices }}) || if(({{ choices }}) = 1, ' choice', ' choices')
            || if(len({{ dissenters }}) > 0, ', but not by ' || array_to_string({{ dissenters }}, ' or '), '')
    end
{%- endmacro %}

{# Names in brackets, where there are any. #}
{% macro said_names(names) -%}
    coalesce(' (' || array_to_string({{ names }}, ', ') || ')', '')
{%- endmacro %}
