{# A bound of the growth of a small count, in percent: the ratio of two counts on a logarithmic scale, at 95 %. Of none
   left half a one is taken for the upper bound; growth from none has no percentage. #}
{% macro count_growth_bound(sign, later, earlier) -%}
    case
        when ({{ later }}) = 0 and ({{ earlier }}) > 0
        then
            {% if sign == "-" %} -100.0
            {% else %}
                {{ rate_ratio_bound("+", "0.5", "((" ~ earlier ~ ") + 0.5)", "0.5", "((" ~ earlier ~ ") + 0.5)") }}
            {% endif %}

        else {{ rate_ratio_bound(sign, later, earlier, later, earlier) }}
    end
{%- endmacro %}
