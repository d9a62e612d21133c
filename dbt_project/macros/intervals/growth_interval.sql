{# A bound of the growth of a flow or a rate, in percent. Rates and counts under a thousand have the sampling interval
   of a ratio of two counts; of larger counts there is none. Where only bounds are known, the ends that lie furthest
   apart. The columns have the names of the arguments unless told otherwise. #}
{% macro growth_interval(
    sign,
    kind="kind",
    value="value",
    low="low",
    high="high",
    prior_value="prior_value",
    prior_low="prior_low",
    prior_high="prior_high",
    numerator="numerator",
    prior_numerator="prior_numerator"
) -%}
    case
        when {{ kind }} = 'rate' and {{ value }} is not null and {{ prior_value }} is not null
        then {{ rate_ratio_bound(sign, value, prior_value, numerator, prior_numerator) }}
        when {{ kind }} = 'flow' and {{ value }} is not null and {{ prior_value }} is not null
        then if(least({{ value }}, {{ prior_value }}) < 1000, {{ count_growth_bound(sign, value, prior_value) }}, null)
        when {{ value }} is not null and {{ prior_value }} is not null and {{ low }} is null and {{ prior_low }} is null
        then null
        {% if sign == "-" -%}
            else
                {{
                    growth_bound(
                        "coalesce(" ~ low ~ ", " ~ value ~ ")", "coalesce(" ~ prior_high ~ ", " ~ prior_value ~ ")"
                    )
                }}
        {%- else -%}
            else
                {{
                    growth_bound(
                        "coalesce(" ~ high ~ ", " ~ value ~ ")", "coalesce(" ~ prior_low ~ ", " ~ prior_value ~ ")"
                    )
                }}
        {%- endif %}

    end
{%- endmacro %}
