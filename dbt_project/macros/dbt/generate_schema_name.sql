{# A model's schema is the one it names, without a prefix: people query `marts.fct_adoption_yoy`. #}
{% macro generate_schema_name(custom_schema_name, node) -%} {{ custom_schema_name or target.schema }} {%- endmacro %}
