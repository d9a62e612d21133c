{# A value of a unit test as SQL: text that looks like a date is one. #}
{% macro fixture_literal(value) -%}
    {%- if value is none -%} null
    {%- elif value is not string -%} {{ value }}
    {%- elif modules.re.fullmatch('\d{4}-\d\d-\d\d', value) -%} date '{{ value }}'
    {%- else -%} '{{ value | replace("'", "''") }}'
    {%- endif -%}
{%- endmacro %}
