{# Whether a year of a series compares with the one before: of a stock it must be known what was added in that one. #}
{% macro compares_with_year_before(row) -%}
    (
        {{ row }}.compared_on is not null
        and (
            {{ row }}.kind is distinct from 'stock'
            or coalesce({{ row }}.net_additions_prior, {{ row }}.net_additions_prior_low) is not null
        )
    )
{%- endmacro %}
