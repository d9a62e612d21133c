{# Whether a break reaches a series: exactly what it names, and contenders unless it says that they are not touched. #}
{% macro break_reaches(entry, row, parts) -%}
    list_contains({{ entry }}.sources, {{ row }}.source_id)
    and (len({{ entry }}.bases) = 0 or list_contains({{ entry }}.bases, {{ row }}.basis))
    and (len({{ entry }}.metrics) = 0 or list_contains({{ entry }}.metrics, {{ row }}.metric_id))
    and (len({{ entry }}.segments) = 0 or list_contains({{ entry }}.segments, {{ row }}.segment))
    and {{ reaches_entity(entry, row, parts) }}
    and ({{ row }}.entity_type is distinct from 'contender' or coalesce({{ entry }}.contenders, true))
{%- endmacro %}
