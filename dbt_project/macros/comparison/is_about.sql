{# A number that repeats another one: within a tenth of it. #}
{% macro is_about(value, other) -%} abs(({{ value }}) - ({{ other }})) <= 0.1 * abs({{ other }}) {%- endmacro %}
