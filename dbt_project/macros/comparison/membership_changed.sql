{# Whether a member of a contender came or went between two days: then they do not count the same thing. #}
{% macro membership_changed(start, end, valid_from, valid_until) -%}
    (({{ start }}) < ({{ valid_until }}) and ({{ end }}) > ({{ valid_until }}))
    or (({{ start }}) < ({{ valid_from }}) and ({{ end }}) > ({{ valid_from }}))
{%- endmacro %}
