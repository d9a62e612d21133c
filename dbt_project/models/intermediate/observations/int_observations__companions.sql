-- Every fact. Where a package was counted more than 1.5 times as often as one that it cannot run without, in the same
-- way over the same period, something fetched it that did not run it: its figure is a bound between the two counts.
with

    observations as (select * from {{ ref("int_observations__resolved") }}),

    needed as (
        select
            observations.metric_id,
            observations.source_id,
            observations.basis,
            observations.segment,
            observations.period_start,
            observations.period_end,
            companions.entity_id,
            companions.name as native_object,
            coalesce(observations.value, observations.low) as low,
            coalesce(observations.value, observations.high) as high
        from observations
        inner join {{ source("catalog", "sources") }} as sources using (source_id)
        inner join
            {{ source("catalog", "companions") }} as companions
            on sources.namespace = companions.namespace
            and observations.entity_id = companions.entity_id
            and observations.native_object = companions.needs
    ),

    beyond as (
        select observations.*, needed.low as needed_low, observations.value > 1.5 * needed.high as is_beyond
        from observations
        left join
            needed using (metric_id, source_id, basis, segment, period_start, period_end, entity_id, native_object)
    ),

    final as (
        select
            * exclude (needed_low, is_beyond) replace (
                if(is_beyond, null, value) as value,
                if(is_beyond, needed_low, low) as low,
                if(is_beyond, value, high) as high,
                if(is_beyond, 'companion', interval_kind) as interval_kind
            )
        from beyond
    )

select *
from final
