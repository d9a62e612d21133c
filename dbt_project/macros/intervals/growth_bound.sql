{# A bound of growth, in percent, from a bound of the later year and the opposite one of the earlier. #}
{% macro growth_bound(later, earlier) -%} 100.0 * (({{ later }}) / nullif({{ earlier }}, 0) - 1) {%- endmacro %}
