{# The columns of the log as the models call them. A build system that says nothing is not marked. #}
{% macro log_columns() -%}
    {%- set columns = var("columns") -%}
    {{ columns.package }} as package,
    {{ columns.moment }} as moment,
    coalesce({{ columns.installer }}, '') as installer,
    coalesce({{ columns.ci }}, false) as is_marked,
    (
        {{ columns.filename }} like '%.whl'
        or {{ columns.filename }} like '%.tar.gz'
        or {{ columns.filename }} like '%.zip'
    ) as is_artifact
    {%- if columns.downloads -%}, cast({{ columns.downloads }} as bigint) as downloads {%- endif -%}
{%- endmacro %}
