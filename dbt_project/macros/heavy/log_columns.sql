{# The columns of the log as the models call them. A build system that says nothing is not marked. #}
{% macro log_columns() -%}
    {%- set columns = var("columns") -%}
    {{ columns.package }} as package,
    {{ columns.moment }} as moment,
    coalesce({{ columns.installer }}, '') as installer,
    case when {{ columns.ci }} then 'marked' else 'not marked' end as automation,
    (
        {{ columns.filename }} like '%.whl'
        or {{ columns.filename }} like '%.tar.gz'
        or {{ columns.filename }} like '%.zip'
    ) as is_artifact,
    cast({{ columns.downloads or 1 }} as bigint) as downloads
{%- endmacro %}
