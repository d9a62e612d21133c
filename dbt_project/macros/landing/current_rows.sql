{# Rows of a raw table that count: those of the extracts that speak for their scope. `available_at` is the row's own
   where the file gives one (a column of that name, or `available_at`, an expression over the row), else that of the
   whole extract.  As of a day only rows that were available by its end count, none of which that is not known. A newer
   extract whose rows carry moments of their own may then know only a part of what an older one of its scope knew: of
   the rows with the same `key` (the columns that name a fact of this table) that of the newest extract counts. #}
{% macro current_rows(source_name, table_name, has_available_at=false, available_at=none, key=none) -%}
    {% set own = available_at or ("loaded.available_at" if has_available_at else none) -%}
    {% set moment = "coalesce(" ~ own ~ ", extracts.available_at)" if own else "extracts.available_at" -%}
    {% if own and not key -%}
        {{
            exceptions.raise_compiler_error(
                "current_rows of "
                ~ source_name
                ~ " "
                ~ table_name
                ~ ": its rows say when they became available, so `key` must name the columns of a fact, "
                ~ "such as key='package, month_date'"
            )
        }}
    {%- endif -%}
    (
        select
            loaded.*
            {% if has_available_at %} exclude (available_at){% endif %},
            extracts.landed_at,
            {{ moment }} as available_at
        from {{ source(source_name, table_name) }} as loaded
        inner join {{ ref("stg_landing__extracts") }} as extracts using (extract_id)
        where extracts.is_current {% if var("as_of") %} and {{ available_by(moment) }}{% endif %}
        {% if var("as_of") and own -%}
            qualify
                rank() over (
                    partition by extracts.scope_key, {{ key }} order by extracts.landed_at desc, extract_id desc
                )
                = 1
        {%- endif %}
    )
{%- endmacro %}
