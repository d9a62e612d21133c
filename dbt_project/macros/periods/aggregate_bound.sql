{# The bound of several months that are not all known. Of a month that is known its figure counts, and not its sampling
   interval: kinds are never mixed. #}
{% macro aggregate_bound(bound, value, denominator, kind, month) -%}
    if(count({{ value }}) = count(*), null, {{ whole_period('coalesce(' ~ value ~ ', ' ~ bound ~ ')', denominator, kind, month) }})
{%- endmacro %}
