{# Installers that copy every package to another place: nobody asked for what they download. #}
{% macro mirrors() -%}
    'bandersnatch', 'z3c.pypimirror', 'Artifactory', 'devpi'
{%- endmacro %}
