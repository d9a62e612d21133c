{# The series of a row of observations: metric, source, basis, segment and native object. The headline object of an
   entity needs no name of its own, so that a renamed repository stays one series. #}
{% macro series_id(row) -%}
    concat_ws(
        '/',
        {{ row }}.metric_id,
        {{ row }}.source_id,
        {{ row }}.basis,
        {{ row }}.segment,
        {{ row }}.entity_type,
        {{ row }}.entity_id,
        if({{ row }}.member = 'primary', null, {{ row }}.native_object)
    )
{%- endmacro %}
