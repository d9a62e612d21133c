{# Of the downloads by all installers, the share that a build system marked as its own. #}
{% macro automated_share(source_name, metric_id, counts) -%}
    select
        '{{ metric_id }}' as metric_id,
        '{{ source_name }}' as source_id,
        project as external_name,
        'all' as segment,
        'marked_automated' as basis,
        month_date as period_start,
        (month_date + interval 1 month)::date as period_end,
        100.0 * marked_downloads / nullif(downloads, 0) as value,
        marked_downloads as numerator,
        downloads as denominator,
        extract_id,
        landed_at,
        available_at
    from {{ counts }}
    where basis = 'all_installers'
{%- endmacro %}
