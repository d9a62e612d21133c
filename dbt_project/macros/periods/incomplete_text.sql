{# Why a year is not complete, for people. #}
{% macro incomplete_text(year, kind, months_held) -%}
    if(
        {{ kind }} = 'stock',
        'no snapshot within 7 days before the end of ' || ({{ year }}),
        ({{ year }}) || ' is incomplete: ' || {{ months_held }} || ' of 12 months'
    )
{%- endmacro %}
