{# Rows of a raw table of a survey that count: of each edition those of the newest extract that speaks of it, so that
   shipped counts and a dropped file of the same edition are never added up. #}
{% macro edition_rows(source_name, table_name) -%}
    (
        select *
        from {{ current_rows(source_name, table_name) }} as current_extracts
        qualify dense_rank() over (partition by edition order by landed_at desc, extract_id desc) = 1
    )
{%- endmacro %}
