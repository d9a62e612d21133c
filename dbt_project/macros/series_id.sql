{# A series is metric, source, basis, segment and native object. The headline object of an entity needs no name of its
   own, so that a renamed repository stays one series. #}
{% macro series_id() -%}
    concat_ws(
        '/', observations.metric_id, observations.source_id, observations.basis, observations.segment,
        observations.entity_type, observations.entity_id, if(observations.member = 'primary', null, observations.native_object)
    )
{%- endmacro %}
