{# One month at a time: the materialization `by_month` sets the variable. #}
{% macro duckdb__is_counted_now(column) -%} {{ column }} = getvariable('log_month') {%- endmacro %}
