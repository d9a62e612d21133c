{# A fourth of the staged observations: every fourth model that emits some, from the one at `part` on. One query for all
   of them would hold the memory of forty at once, each with hash tables of its own. Which models emit observations is
   said by the catalog, not here. #}
{% macro staged_observations(part) -%}
    {%- set models = var("observation_models") -%}
    {% if execute and not models %}
        {{
            exceptions.raise_compiler_error(
                "the variable observation_models is empty: run dbt by `adoption dbt`, which takes it from the catalog"
            )
        }}
    {% endif %}
    {{ no_observations() }}
    {% for model in models[part - 1 :: 4] %}
        union all
        select *
        from {{ ref(model) }}
    {% endfor %}
{%- endmacro %}
