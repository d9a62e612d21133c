{# Whether an entry of the register covers a finding: what the entry leaves out covers all of its kind. `series` and
   `segment` are expressions, `start` is the column of the day on which the finding begins. #}
{% macro is_accepted(entry, row, series, segment, start) -%}
    {{ entry }}.source_id = {{ row }}.source_id
    and coalesce({{ entry }}.metric_id = {{ row }}.metric_id, true)
    and coalesce({{ entry }}.basis = {{ row }}.basis, true)
    and coalesce({{ entry }}.series = {{ series }}, {{ entry }}.series is null)
    and coalesce({{ entry }}.segment = {{ segment }}, {{ entry }}.segment is null)
    and {{ row }}.{{ start }} >= {{ entry }}.start
    and {{ row }}.{{ start }} < {{ entry }}."end"
{%- endmacro %}
