{# DuckDB names the unit first. #}
{% macro duckdb__month_of(column) -%} cast(date_trunc('month', cast({{ column }} as date)) as date) {%- endmacro %}
