{# Rows of a unit test as SQL. dbt's own macro asks the database for the columns of every input and casts each of them,
   which is two fifths of what a unit test costs; here an empty select from the input gives names and types. #}
{% macro get_fixture_sql(rows, column_name_to_data_types) -%}
    select * from {{ this }} where false
    {%- for row in rows %}
    union all by name select {% for column, value in row.items() %}{{ fixture_literal(value) }} as "{{ column }}"{{ ", " if not loop.last }}{% endfor %}
    {%- endfor %}
{%- endmacro %}

{% macro fixture_literal(value) -%}
    {%- if value is none -%} null
    {%- elif value is not string -%} {{ value }}
    {%- elif modules.re.fullmatch('\d{4}-\d\d-\d\d', value) -%} date '{{ value }}'
    {%- else -%} '{{ value | replace("'", "''") }}'
    {%- endif -%}
{%- endmacro %}
