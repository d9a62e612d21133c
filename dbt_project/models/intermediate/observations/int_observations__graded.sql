-- Each observation with its grain and grade. A flow that is the difference of a total between two snapshots has a grain
-- of its own, whatever the source's. The grade: the worst of what its source can have at best, of the known distortions
-- of its period, and of how it was counted.
with

    observations as (select * from {{ ref("int_observations__combined") }}),

    parts as ({{ parts_of_contenders() }}),

    distortions as (
        select
            observations.series_key,
            observations.period_start,
            observations.period_end,
            max(biases.grade) as grade,
            string_agg(distinct biases.reason, '; ' order by biases.reason) as reason,
            string_agg(distinct biases.direction, ', ' order by biases.direction) as bias
        from
            (
                select distinct
                    metric_id,
                    source_id,
                    entity_type,
                    entity_id,
                    basis,
                    {{ series_id("observations") }} as series_key,
                    period_start,
                    period_end
                from observations
            ) as observations
        left join
            parts
            on observations.entity_type = 'contender'
            and observations.entity_id = parts.contender_id
            and observations.metric_id = parts.metric_id
        inner join
            {{ source("catalog", "source_biases") }} as biases
            on observations.source_id = biases.source_id
            and (len(biases.bases) = 0 or list_contains(biases.bases, observations.basis))
            and (len(biases.metrics) = 0 or list_contains(biases.metrics, observations.metric_id))
            and {{ reaches_entity("biases", "observations", "parts") }}
            and observations.period_start < coalesce(biases.valid_until, date '9999-12-31')
            and observations.period_end > coalesce(biases.valid_from, date '0001-01-01')
        group by all
    ),

    final as (
        select
            {{ series_id("observations") }} as series_id,
            observations.*,
            metrics.kind,
            metrics.unit,
            if(coalesce(ways.is_from_stock, false), 'difference', sources.grain) as grain,
            if(observations.value is not null, 100.0, null) as coverage_pct,
            distortions.bias,
            {{
                worst_grade(
                    [
                        "sources.grade",
                        "coalesce(distortions.grade, 'A')",
                        "if(interval_kind in ('bound', 'censoring', 'companion'), 'C', 'A')",
                    ]
                )
            }} as grade,
            {{
                join_reasons(
                    [
                        "if(sources.grade > 'A', sources.grade_reason, null)",
                        "distortions.reason",
                        "if(observations.period_end > sources.verified_until_date, 'method not checked after ' "
                        ~ "|| sources.verified_until_date, null)",
                        "case interval_kind when 'bound' then 'only its parts are known' when 'censoring' "
                        ~ "then 'only known to be below the smallest count of the published list' "
                        ~ "when 'companion' then 'counted more than 1.5 times as often as ' || companions.needs "
                        ~ "|| ', without which it does not run' end",
                    ]
                )
            }} as grade_reason
        from observations
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        inner join {{ source("catalog", "sources") }} as sources using (source_id)
        left join
            {{ source("catalog", "companions") }} as companions
            on sources.namespace = companions.namespace
            and observations.native_object = companions.name
        left join
            {{ source("catalog", "metric_sources") }} as ways
            on observations.metric_id = ways.metric_id
            and observations.source_id = ways.source_id
            and observations.basis = ways.basis
        left join
            distortions
            on {{ series_id("observations") }} = distortions.series_key
            and observations.period_start = distortions.period_start
            and observations.period_end = distortions.period_end
    )

select *
from final
