{# In how many of a metric's parts one thing holds, and in how many its opposite. #}
{% macro format_parts(verb, count, opposite_verb, opposite_count, parts, part_name) -%}
    case
        when ({{ opposite_count }}) = 0 then '{{ verb }} in ' || ({{ count }})
        when ({{ count }}) = 0 then '{{ opposite_verb }} in ' || ({{ opposite_count }})
        else '{{ verb }} in ' || ({{ count }}) || ' and {{ opposite_verb }} in ' || ({{ opposite_count }})
    end || ' of ' || ({{ parts }}) || ' ' || ({{ part_name }}) || if(({{ parts }}) = 1, '', 's')
{%- endmacro %}
