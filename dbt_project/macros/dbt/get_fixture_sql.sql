{# Rows of a unit test as SQL; it stands in place of dbt's macro of this name, which asks the database for the columns
   of every input and casts each of them: two fifths of what a unit test costs. Here an empty select from the input
   gives names and types. #}
{% macro get_fixture_sql(rows, column_name_to_data_types) -%}
    select *
    from {{ this }}
    where false
    {%- for row in rows %}
        union all by name
        select
            {% for column, value in row.items() %}
                {{ fixture_literal(value) }} as "{{ column }}"{{ ", " if not loop.last }}
            {% endfor %}
    {%- endfor %}
{%- endmacro %}
