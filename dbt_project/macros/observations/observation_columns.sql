{# The one shape of a staged observation. A staging model that emits observations ends with this macro; columns that
   a source does not have are null. #}
{% macro observation_columns() -%}
    {{
        return(
            {
                "metric_id": "varchar",
                "source_id": "varchar",
                "entity_type": "varchar",
                "entity_id": "varchar",
                "external_name": "varchar",
                "segment": "varchar",
                "basis": "varchar",
                "period_start": "date",
                "period_end": "date",
                "value": "double",
                "numerator": "double",
                "denominator": "double",
                "low": "double",
                "high": "double",
                "interval_kind": "varchar",
                "instrument": "varchar",
                "extract_id": "varchar",
                "landed_at": "timestamp",
                "available_at": "timestamp",
            }
        )
    }}
{%- endmacro %}
