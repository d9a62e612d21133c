{# Files of all months at once, each with the month that its path names. #}
{% macro spark__log_rows() -%}
    {% for one in var("months") -%}
        select date '{{ one.month }}' as log_month, {{ log_columns() }}
        from parquet.`{{ one.glob }}` {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
