{# Several months as one figure, by kind: flows add up, shares and rates are weighted by what they are a part of, an
   index is averaged. In the order of the months: a sum of fractions depends on its order in the last digit, and a
   figure must not depend on the build. One sum for all kinds, since a sum in order costs a sort. #}
{% macro whole_period(column, denominator, kind, month) -%}
    sum(({{ column }}) * if({{ kind }} in ('flow', 'index'), 1, {{ denominator }}) order by {{ month }})
    / case {{ kind }} when 'flow' then 1 when 'index' then count({{ column }}) else sum({{ denominator }}) end
{%- endmacro %}
