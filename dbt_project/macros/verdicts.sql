{# Who is ahead, given what is known of both: only where one interval lies wholly above the other. #}
{% macro leading_contender(lowest, highest, other_lowest, other_highest) -%}
    case
        when ({{ lowest }}) > ({{ other_highest }}) then 'leads'
        when ({{ highest }}) < ({{ other_lowest }}) then 'trails'
        else 'cannot be said'
    end
{%- endmacro %}

{# One verdict out of several: what all of them say, else `otherwise`; null where there is none. #}
{% macro unanimous_or(column, otherwise) -%}
    case when count({{ column }}) = 0 then null when min({{ column }}) = max({{ column }}) then min({{ column }}) else '{{ otherwise }}' end
{%- endmacro %}

{# Which way a change goes: its sign where it is a number without bounds, else only if no bound lies on the other side. #}
{% macro move_of(change, low, high) -%}
    case
        when ({{ low }}) is null and ({{ high }}) is null then sign({{ change }})
        when ({{ low }}) > 0 then 1
        when ({{ high }}) < 0 then -1
    end
{%- endmacro %}

{# A number that repeats another one: within a tenth of it. #}
{% macro is_about(value, other) -%}
    abs(({{ value }}) - ({{ other }})) <= 0.1 * abs({{ other }})
{%- endmacro %}

{# Whether a member of a contender came or went between two days: then they do not count the same thing. #}
{% macro membership_changed(start, end) -%}
    (({{ start }}) < members.valid_until and ({{ end }}) > members.valid_until)
    or (({{ start }}) < members.valid_from and ({{ end }}) > members.valid_from)
{%- endmacro %}
