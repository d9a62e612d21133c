{# Observations from counts that people gathered in the documented form: name, period, count and, for a share, total. #}
{% macro count_observations(source_name, metric_id, basis, is_share=false) -%}
    with

        source as (select * from {{ current_rows(source_name, "counts") }}),

        observations as (
            select
                '{{ metric_id }}' as metric_id,
                '{{ source_name }}' as source_id,
                name as external_name,
                'all' as segment,
                '{{ basis }}' as basis,
                period_start,
                period_end,
                {% if is_share %} 100.0 * "count" / nullif(total, 0)
                {% else %} "count"
                {% endif %} as value,
                {% if is_share %} "count"
                {% else %} null
                {% endif %} as numerator,
                {% if is_share %} total
                {% else %} null
                {% endif %} as denominator,
                extract_id,
                landed_at,
                available_at
            from source
        ),

        final as ({{ select_observations("observations") }})

    select *
    from final
{%- endmacro %}
