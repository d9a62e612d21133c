{# Whether an entry of the catalog (a break, a bias) that names entities reaches a row; an empty list names all. `parts`
   are the frameworks of a contender, from above. #}
{% macro reaches_entity(entry, row, parts) -%}
    (
        len({{ entry }}.entities) = 0
        or list_contains({{ entry }}.entities, {{ row }}.entity_id)
        or list_has_any({{ entry }}.entities, coalesce({{ parts }}.frameworks, []))
    )
{%- endmacro %}
