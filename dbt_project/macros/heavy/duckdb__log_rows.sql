{# Files of one month, which the materialization `by_month` names before it runs the model. #}
{% macro duckdb__log_rows() -%}
    select getvariable('log_month') as log_month, {{ log_columns() }}
    from read_parquet(getvariable('log_files'), hive_partitioning = false, union_by_name = true)
{%- endmacro %}
