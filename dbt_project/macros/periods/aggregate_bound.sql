{# The bound of several months that are not all known, where each has one at least. Of a month that is known its figure
   counts, and not its sampling interval: kinds are never mixed. #}
{% macro aggregate_bound(bound, value, denominator, kind, month) -%}
    if(
        count({{ value }}) < count(*) and count(coalesce({{ value }}, {{ bound }})) = count(*),
        {{ whole_period("coalesce(" ~ value ~ ", " ~ bound ~ ")", denominator, kind, month) }},
        null
    )
{%- endmacro %}
