{# What growth may be at the worst end of a bound, chance included: of a rate or of a count under a thousand a bound
   says nothing of chance, so the sampling interval stands at that end. In percent; for a direction, not for print. #}
{% macro worst_growth(sign, kind, later, denominator, earlier, prior_denominator) -%}
    case
        when {{ kind }} = 'rate'
        then
            {{
                rate_ratio_bound(
                    sign,
                    later,
                    earlier,
                    "(" ~ later ~ " * " ~ denominator ~ " / 1000)",
                    "(" ~ earlier ~ " * " ~ prior_denominator ~ " / 1000)",
                )
            }}
        when {{ kind }} = 'flow' and least({{ later }}, {{ earlier }}) < 1000
        then {{ count_growth_bound(sign, later, earlier) }}
        else {{ growth_bound(later, earlier) }}
    end
{%- endmacro %}
