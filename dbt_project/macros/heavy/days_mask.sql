{# The days of a group as bits: one integer, where counting distinct days would double the memory. #}
{% macro days_mask(column) -%} {{ return(adapter.dispatch("days_mask", "adoption_heavy")(column)) }} {%- endmacro %}
