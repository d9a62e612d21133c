{# The least count of a group; of a log without counts each row is one. #}
{% macro least_downloads() -%} cast({{ "min(downloads)" if var("columns").downloads else 1 }} as bigint) {%- endmacro %}
