{# Bounds of a share, in percent, for `count` of `total`: Wilson's score interval at 95 %. Sampling only. #}
{% macro wilson_bound(count, total, sign) -%}
    100 * (
        ({{ count }}) + 1.959964 * 1.959964 / 2
        {{ sign }} 1.959964
        * sqrt(({{ count }}) * (({{ total }}) - ({{ count }}))::double / ({{ total }}) + 1.959964 * 1.959964 / 4)
    )
    / (({{ total }}) + 1.959964 * 1.959964)
{%- endmacro %}
