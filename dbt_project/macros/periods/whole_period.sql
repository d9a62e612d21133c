{# Several months as one figure, by kind: flows add up, shares and rates are weighted by what they are a part of, an
   index is averaged. In the order of the months: a sum of fractions depends on its order in the last digit, and a figure
   must not depend on the build. #}
{% macro whole_period(column, denominator, kind, month) -%}
    case {{ kind }}
        when 'flow' then sum({{ column }} order by {{ month }})
        when 'index' then avg({{ column }} order by {{ month }})
        else sum(({{ column }}) * {{ denominator }} order by {{ month }}) / sum({{ denominator }})
    end
{%- endmacro %}
