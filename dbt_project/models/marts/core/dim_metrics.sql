-- What is measured, and what a figure is read to mean.
with

    ways as (
        select
            metric_id,
            list(
                basis || ' (' || source_id || ')' || if(is_preferable, '', ', never preferred') order by preference
            ) as ways_of_counting
        from {{ source("catalog", "metric_sources") }}
        group by all
    ),

    final as (
        select
            metrics.metric_id,
            metrics.position,
            metrics.label,
            metrics.unit,
            metrics.kind,
            metrics.channel,
            metrics.combine,
            metrics.baseline as has_baseline,
            metrics.parts as has_parts_only,
            metrics.reads,
            metrics.read_by,
            metrics.caveats,
            ways.ways_of_counting
        from {{ source("catalog", "metrics") }} as metrics
        left join ways using (metric_id)
    )

select *
from final
