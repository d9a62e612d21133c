{# Downloads of a group, or those of a condition: the sum of the log's own counts, else its rows, which cost less. #}
{% macro summed_downloads(condition="") -%}
    {%- if not var("columns").downloads -%}
        cast(count({{ "case when " ~ condition ~ " then 1 end" if condition else "*" }}) as bigint)
    {%- elif condition -%} cast(coalesce(sum(case when {{ condition }} then downloads end), 0) as bigint)
    {%- else -%} cast(sum(downloads) as bigint)
    {%- endif -%}
{%- endmacro %}
