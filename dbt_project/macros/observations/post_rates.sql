{# Observations from monthly counts of posts that name a term: the rate per thousand posts of the month, with its
   sampling interval. #}
{% macro post_rates(source_name, metric_id) -%}
    with

        source as (select * from {{ current_rows(source_name, "months") }} where all_posts > 0),

        observations as (
            select
                '{{ metric_id }}' as metric_id,
                '{{ source_name }}' as source_id,
                term as external_name,
                'all' as segment,
                'mentions' as basis,
                month_date as period_start,
                (month_date + interval 1 month)::date as period_end,
                1000.0 * posts / all_posts as value,
                posts as numerator,
                all_posts as denominator,
                10 * {{ wilson_bound("posts", "all_posts", "-") }} as low,
                10 * {{ wilson_bound("posts", "all_posts", "+") }} as high,
                'sampling' as interval_kind,
                extract_id,
                landed_at,
                available_at
            from source
        ),

        final as ({{ select_observations("observations") }})

    select *
    from final
{%- endmacro %}
