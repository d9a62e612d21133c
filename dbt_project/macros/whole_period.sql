{# Several months as one figure, by kind: flows add up, shares and rates are weighted by what they are a part of, an
   index is averaged. #}
{% macro whole_period(column) -%}
    case kind
        when 'flow' then sum({{ column }})
        when 'index' then avg({{ column }})
        else sum(({{ column }}) * denominator) / sum(denominator)
    end
{%- endmacro %}
