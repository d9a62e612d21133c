-- Who of two contenders is ahead on the best way of counting that holds both, and the same with one admissible choice
-- varied. `reason` says why a choice cannot be computed; one that gives the same fraction again is no other choice.
with

    preferred as (
        select ways.*
        from {{ ref("int_leads__ways") }} as ways
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        where ways.is_preferred and (ways.segment = 'all' or metrics.parts)
    ),

    varied as (
        select
            preferred.year,
            preferred.metric_id,
            preferred.segment,
            preferred.entity_id,
            preferred.against_entity_id,
            choices.dimension,
            choices.choice,
            coalesce(choices.source_id, preferred.source_id) as source_id,
            coalesce(choices.basis, preferred.basis) as basis,
            if(choices.dimension = 'segment', choices.choice, preferred.segment) as choice_segment,
            preferred.value as preferred_value,
            preferred.against_value as preferred_against_value,
            preferred.ratio as preferred_ratio,
            preferred.total,
            preferred.total_low,
            preferred.total_high,
            preferred.against_total,
            preferred.against_total_low,
            preferred.against_total_high
        from preferred
        inner join {{ source("catalog", "metric_choices") }} as choices using (metric_id)
        where
            (choices.source_id is null or choices.source_id <> preferred.source_id or choices.basis <> preferred.basis)
            and (choices.dimension <> 'segment' or preferred.segment = 'all')
            -- these speak of two years of one contender
            and choices.choice not in ('common_months', 'standardised')
    ),

    itself as (
        select
            year,
            metric_id,
            segment,
            entity_id,
            against_entity_id,
            'preferred' as dimension,
            basis as choice,
            source_id,
            basis,
            segment as choice_segment,
            lead,
            ratio,
            null::varchar as reason
        from preferred
    ),

    counted_otherwise as (
        select
            varied.year,
            varied.metric_id,
            varied.segment,
            varied.entity_id,
            varied.against_entity_id,
            varied.dimension,
            varied.choice,
            varied.source_id,
            varied.basis,
            varied.choice_segment,
            ways.lead,
            ways.ratio,
            if(ways.year is null, 'not complete for both', null) as reason
        from varied
        left join
            {{ ref("int_leads__ways") }} as ways
            on varied.year = ways.year
            and varied.metric_id = ways.metric_id
            and varied.entity_id = ways.entity_id
            and varied.against_entity_id = ways.against_entity_id
            and varied.source_id = ways.source_id
            and varied.basis = ways.basis
            and varied.choice_segment = ways.segment
        where
            varied.dimension in ('basis', 'denominator', 'merge_policy', 'segment')
            -- the same fraction over another denominator is no other choice
            and not coalesce(abs(ways.ratio - varied.preferred_ratio) <= 1e-9 * abs(varied.preferred_ratio), false)
    ),

    summed_otherwise as (
        select
            varied.year,
            varied.metric_id,
            varied.segment,
            varied.entity_id,
            varied.against_entity_id,
            varied.dimension,
            varied.choice,
            varied.source_id,
            varied.basis,
            varied.choice_segment,
            if(
                me.year is null or other.year is null,
                null,
                {{
                    leading_contender(
                        "coalesce(me.low, me.value)",
                        "coalesce(me.high, me.value)",
                        "coalesce(other.low, other.value)",
                        "coalesce(other.high, other.value)",
                    )
                }}
            ) as lead,
            me.value / nullif(other.value, 0) as ratio,
            if(me.year is null or other.year is null, 'not complete for both', null) as reason
        from varied
        left join
            {{ ref("int_choices__levels") }} as me using (
                year, metric_id, segment, entity_id, dimension, choice, source_id, basis
            )
        left join
            {{ ref("int_choices__levels") }} as other
            on varied.year = other.year
            and varied.metric_id = other.metric_id
            and varied.segment = other.segment
            and varied.against_entity_id = other.entity_id
            and varied.dimension = other.dimension
            and varied.choice = other.choice
            and varied.source_id = other.source_id
            and varied.basis = other.basis
        where
            varied.dimension in ('window', 'members')
            and not (
                me.value is not distinct from varied.preferred_value
                and other.value is not distinct from varied.preferred_against_value
                and me.year is not null
                and other.year is not null
            )
    ),

    -- an older stock leads by its total whatever it gains: a choice, and never the preferred one
    in_total as (
        select
            year,
            metric_id,
            segment,
            entity_id,
            against_entity_id,
            dimension,
            choice,
            source_id,
            basis,
            choice_segment,
            {{
                leading_contender(
                    "coalesce(total_low, total)",
                    "coalesce(total_high, total)",
                    "coalesce(against_total_low, against_total)",
                    "coalesce(against_total_high, against_total)",
                )
            }} as lead,
            total / nullif(against_total, 0) as ratio,
            null::varchar as reason
        from varied
        where dimension = 'measure'
    ),

    final as (
        select *
        from itself
        union all
        select *
        from counted_otherwise
        union all
        select *
        from summed_otherwise
        union all
        select *
        from in_total
    )

select *
from final
