{# One verdict out of several: what all of them say, else `otherwise`; null where there is none. #}
{% macro unanimous_or(column, otherwise) -%}
    case
        when count({{ column }}) = 0
        then null
        when min({{ column }}) = max({{ column }})
        then min({{ column }})
        else '{{ otherwise }}'
    end
{%- endmacro %}
