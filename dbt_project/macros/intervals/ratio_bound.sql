{# A bound of the ratio of two counts, on a logarithmic scale, at 95 %. Sampling only; none where one of them is zero.
   #}
{% macro ratio_bound(sign, value, other) -%}
    ({{ value }})
    / nullif({{ other }}, 0)
    * exp(({{ sign }}) * 1.959964 * sqrt(1.0 / nullif({{ value }}, 0) + 1.0 / nullif({{ other }}, 0)))
{%- endmacro %}
