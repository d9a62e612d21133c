{# Rows of a raw table that count: those of the newest extract of each scope, unless it was withdrawn.
   `available_at` is the row's own where the file gives one, else that of the whole extract. #}
{% macro current_rows(source_name, table_name, has_available_at=false) -%}
    (
        select
            loaded.* {% if has_available_at %}exclude (available_at){% endif %},
            extracts.landed_at,
            {% if has_available_at %}coalesce(loaded.available_at, extracts.available_at){% else %}extracts.available_at{% endif %} as available_at
        from {{ source(source_name, table_name) }} as loaded
        inner join {{ ref('stg_landing__extracts') }} as extracts using (extract_id)
        where extracts.is_current
    )
{%- endmacro %}
