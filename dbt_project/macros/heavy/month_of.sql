{# The first day of the month of a date or a moment, which is UTC. #}
{% macro month_of(column) -%} {{ return(adapter.dispatch("month_of", "adoption_heavy")(column)) }} {%- endmacro %}
