{# Growth in percent of what can be zero or negative: only where both are positive, for nothing else has a percentage.
   #}
{% macro growth_of_positives(later, earlier) -%}
    if(({{ later }}) > 0 and ({{ earlier }}) > 0, 100.0 * (({{ later }}) / ({{ earlier }}) - 1), null)
{%- endmacro %}
