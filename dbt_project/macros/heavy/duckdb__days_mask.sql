{# DuckDB shifts by an operator. #}
{% macro duckdb__days_mask(column) -%} bit_or(cast(1 as bigint) << (day({{ column }}) - 1)) {%- endmacro %}
