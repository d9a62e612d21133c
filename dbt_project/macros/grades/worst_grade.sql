{# Grades are letters, A best; the worst of several is the greatest. #}
{% macro worst_grade(grades) -%} greatest({{ grades | join(", ") }}) {%- endmacro %}
