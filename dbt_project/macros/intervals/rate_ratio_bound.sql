{# Bounds of the growth of a rate, in percent: the ratio of two counts on a logarithmic scale, at 95 %. Sampling only.
   #}
{% macro rate_ratio_bound(sign, value, prior_value, count, prior_count) -%}
    100.0 * (
        ({{ value }} / nullif({{ prior_value }}, 0))
        * exp({{ sign }} 1.959964 * sqrt(1.0 / nullif({{ count }}, 0) + 1.0 / nullif({{ prior_count }}, 0)))
        - 1
    )
{%- endmacro %}
