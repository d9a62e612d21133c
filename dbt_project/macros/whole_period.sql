{# Several months as one figure, by kind: flows add up, shares and rates are weighted by what they are a part of, an
   index is averaged. In the order of the months: a sum of fractions depends on its order in the last digit, and a figure
   must not depend on the build. #}
{% macro whole_period(column) -%}
    case kind
        when 'flow' then sum({{ column }} order by month_date)
        when 'index' then avg({{ column }} order by month_date)
        else sum(({{ column }}) * denominator order by month_date) / sum(denominator)
    end
{%- endmacro %}

{# The bound of several months that are not all known. Of a month that is known its figure counts, and not its sampling
   interval: kinds are never mixed. #}
{% macro aggregate_bound(bound) -%}
    if(count(value) = count(*), null, {{ whole_period('coalesce(value, ' ~ bound ~ ')') }})
{%- endmacro %}
