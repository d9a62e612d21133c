{# Whether an entry of the catalog that names sources, bases and metrics reaches a way of counting; an empty list of
   bases or metrics names all. #}
{% macro reaches_way(entry, row) -%}
    list_contains({{ entry }}.sources, {{ row }}.source_id)
    and (len({{ entry }}.bases) = 0 or list_contains({{ entry }}.bases, {{ row }}.basis))
    and (len({{ entry }}.metrics) = 0 or list_contains({{ entry }}.metrics, {{ row }}.metric_id))
{%- endmacro %}
