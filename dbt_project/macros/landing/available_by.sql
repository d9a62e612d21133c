{# Whether a moment lies before the end of the day that the warehouse is built as of; without one, always. #}
{% macro available_by(moment) -%}
    {% if var("as_of") %} coalesce({{ moment }} < date '{{ var("as_of") }}' + 1, false) {% else %} true{% endif %}
{%- endmacro %}
