{# The logarithm of a ratio whose lower part is above zero: -10 where the upper part is not, null where it is unknown.
   #}
{% macro log_ratio(upper, lower) -%}
    if({{ upper }} > 0, ln({{ upper }} / {{ lower }}), if({{ upper }} is null, null, -10))
{%- endmacro %}
