{# Whether a break reaches a series: exactly what it names, and contenders unless it says that they are not touched. #}
{% macro break_reaches(entry, row, parts) -%}
    {{ reaches_way(entry, row) }}
    and (len({{ entry }}.segments) = 0 or list_contains({{ entry }}.segments, {{ row }}.segment))
    and {{ reaches_entity(entry, row, parts) }}
    and ({{ row }}.entity_type is distinct from 'contender' or coalesce({{ entry }}.contenders, true))
{%- endmacro %}
