{# Bounds of a share, in percent, for `count` of `total`: Wilson's score interval at 95 %. Sampling only. #}
{% macro wilson_bound(count, total, sign) -%}
    100 * (
        ({{ count }}) + 1.959964 * 1.959964 / 2
        {{ sign }} 1.959964 * sqrt(({{ count }}) * (({{ total }}) - ({{ count }}))::double / ({{ total }}) + 1.959964 * 1.959964 / 4)
    ) / (({{ total }}) + 1.959964 * 1.959964)
{%- endmacro %}

{# Where a figure lies at least ('low', '-') or at most ('high', '+') when it is set against others; null where it may not
   be: of a period that is not whole. A stock between two snapshots may be. A small count of which only bounds are known
   is subject to chance as well. #}
{% macro ranking_bound(bound, sign) -%}
    case
        when not is_complete and interval_kind is distinct from 'bracket' then null
        when kind = 'rate' and interval_kind = 'bound' then 10 * {{ wilson_bound(bound ~ ' * denominator / 1000', 'denominator', sign) }}
        else coalesce({{ bound }}, value)
    end
{%- endmacro %}

{# Bounds of the growth of a rate, in percent: the ratio of two counts on a logarithmic scale, at 95 %. Sampling only. #}
{% macro rate_ratio_bound(sign) -%}
    100.0 * (
        (value / nullif(prior_value, 0))
        * exp({{ sign }} 1.959964 * sqrt(1.0 / nullif(numerator, 0) + 1.0 / nullif(prior_numerator, 0))) - 1
    )
{%- endmacro %}
