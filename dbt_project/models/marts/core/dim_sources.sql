-- Whose figures these are, under which licence, and what is known to distort them.
with

    biases as (
        select
            source_id,
            list(
                grade
                || ': '
                || reason
                || coalesce(' (from ' || valid_from || ')', '')
                || coalesce(' (until ' || valid_until || ')', '')
                order by valid_until
            ) as biases
        from {{ source("catalog", "source_biases") }}
        group by all
    ),

    final as (
        select
            sources.source_id,
            sources.label,
            sources.publisher,
            sources.repository,
            sources.licence,
            sources.citation,
            sources.cadence,
            sources.how_to_get,
            sources.verified_until_date,
            sources.trackers,
            sources.grain,
            sources.first_period_date,
            sources.last_period_date,
            sources.lag_days,
            sources.grade as best_grade,
            sources.grade_reason as best_grade_reason,
            coalesce(biases.biases, []) as biases
        from {{ source("catalog", "sources") }} as sources
        left join biases using (source_id)
    )

select *
from final
