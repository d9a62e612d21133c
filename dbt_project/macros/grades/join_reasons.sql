{# Reasons joined into one text in the order given, missing and repeated ones left out; null when there is none. #}
{% macro join_reasons(reasons) -%}
    nullif(
        array_to_string(
            list_filter(
                [{{ reasons | join(", ") }}],
                lambda reason,
                position:
                reason is not null and list_position([{{ reasons | join(", ") }}], reason) = position
            ),
            '; '
        ),
        ''
    )
{%- endmacro %}
