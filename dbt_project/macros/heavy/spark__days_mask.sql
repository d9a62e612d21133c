{# Spark shifts by a function. #}
{% macro spark__days_mask(column) -%} bit_or(shiftleft(cast(1 as bigint), day({{ column }}) - 1)) {%- endmacro %}
