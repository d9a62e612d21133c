{{ config(materialized="view") }}
-- Every staged observation. Which models emit observations is said by the catalog, not here.
{% set models = var("observation_models") %}
{% if execute and not models %}
    {{
        exceptions.raise_compiler_error(
            "the variable observation_models is empty: run dbt through `adoption dbt`, which takes it from the catalog"
        )
    }}
{% endif %}
{% for model in models %} select * from {{ ref(model) }} {{ "union all" if not loop.last }} {% endfor %}
