{# Spark names the unit last. #}
{% macro spark__month_of(column) -%} trunc(cast({{ column }} as date), 'MM') {%- endmacro %}
