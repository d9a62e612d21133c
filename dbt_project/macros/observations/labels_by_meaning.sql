{# What an edition of a survey offered (`offered`: edition, dimension, label), each label by its meaning (catalog). #}
{% macro labels_by_meaning(source_id, offered="offered") -%}
    select distinct
        '{{ source_id }}' as source_id,
        {{ offered }}.edition::integer as edition,
        {{ offered }}.dimension,
        coalesce(aliases.meaning, {{ offered }}.label) as label
    from {{ offered }}
    left join
        {{ source("catalog", "survey_aliases") }} as aliases
        on aliases.source_id = '{{ source_id }}'
        and {{ offered }}.dimension = aliases.dimension
        and {{ offered }}.label = aliases.label
{%- endmacro %}
