{# How many decimals show so many digits of a number below one. #}
{% macro decimals_for(value, digits) -%} ({{ digits }} - 1 - floor(log10(abs({{ value }}))))::integer {%- endmacro %}
