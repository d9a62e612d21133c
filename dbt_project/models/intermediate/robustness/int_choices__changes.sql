-- The change of each contender's preferred figure, and the same change with one admissible choice varied. `reason` says
-- why a choice cannot be computed; a choice that gives the preferred figure itself is no other choice.
with

    years as (
        select
            yoy.*,
            if(yoy.kind = 'stock', moves.pace_move, moves.move) as move,
            case
                yoy.kind when 'stock' then yoy.net_additions_pct when 'share' then yoy.yoy_change else yoy.yoy_pct
            end as change,
            if(yoy.kind = 'share', 'points', 'percent') as change_unit
        from {{ ref("int_yoy__compared") }} as yoy
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        left join {{ ref("int_yoy__moves") }} as moves using (series_id, year)
        where yoy.entity_type = 'contender' and metrics.channel <> 'context'
    ),

    preferred as (
        select years.*
        from years
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        where years.is_preferred and (years.segment = 'all' or metrics.parts)
    ),

    varied as (
        select
            preferred.year,
            preferred.metric_id,
            preferred.segment,
            preferred.entity_id,
            choices.dimension,
            choices.choice,
            coalesce(choices.source_id, preferred.source_id) as source_id,
            coalesce(choices.basis, preferred.basis) as basis,
            if(choices.dimension = 'segment', choices.choice, preferred.segment) as choice_segment,
            preferred.value as preferred_value,
            preferred.prior_value as preferred_prior_value,
            preferred.change_unit,
            preferred.not_comparable_reason,
            preferred.yoy_standardised,
            preferred.yoy_standardised_low,
            preferred.yoy_standardised_high,
            preferred.standardised_coverage_pct,
            preferred.yoy_common_pct,
            preferred.yoy_common_low,
            preferred.yoy_common_high,
            preferred.common_months
        from preferred
        inner join {{ source("catalog", "metric_choices") }} as choices using (metric_id)
        where
            (choices.source_id is null or choices.source_id <> preferred.source_id or choices.basis <> preferred.basis)
            and (choices.dimension <> 'segment' or preferred.segment = 'all')
    ),

    itself as (
        select
            year,
            metric_id,
            segment,
            entity_id,
            'preferred' as dimension,
            basis as choice,
            source_id,
            basis,
            segment as choice_segment,
            value,
            low,
            high,
            change,
            change_unit,
            move,
            not_comparable_reason as reason,
            null::varchar as note
        from preferred
    ),

    counted_otherwise as (
        select
            varied.year,
            varied.metric_id,
            varied.segment,
            varied.entity_id,
            varied.dimension,
            varied.choice,
            varied.source_id,
            varied.basis,
            varied.choice_segment,
            years.value,
            years.low,
            years.high,
            years.change,
            varied.change_unit,
            years.move,
            if(years.year is null, 'not available', years.not_comparable_reason) as reason,
            if(varied.dimension = 'segment', roles.reason, null) as note
        from varied
        left join
            years
            on varied.year = years.year
            and varied.metric_id = years.metric_id
            and varied.entity_id = years.entity_id
            and varied.source_id = years.source_id
            and varied.basis = years.basis
            and varied.choice_segment = years.segment
        left join
            {{ ref("int_yoy__instruments") }} as roles
            on varied.source_id = roles.source_id
            and varied.year = roles.year
            and roles.dimension = 'role'
            and starts_with(varied.choice_segment, 'role=')
        where varied.dimension in ('basis', 'denominator', 'merge_policy', 'segment')
    ),

    levels as (
        select
            varied.*,
            later.value,
            later.low,
            later.high,
            later.year is not null and earlier.year is not null as is_held,
            earlier.value as prior_value,
            {{ growth_bound("later.value", "earlier.value") }} as change,
            later.low is not null or earlier.low is not null as has_interval,
            {{ growth_bound("coalesce(later.low, later.value)", "coalesce(earlier.high, earlier.value)") }}
            as change_low,
            {{ growth_bound("coalesce(later.high, later.value)", "coalesce(earlier.low, earlier.value)") }}
            as change_high
        from varied
        left join
            {{ ref("int_choices__levels") }} as later using (
                year, metric_id, segment, entity_id, dimension, choice, source_id, basis
            )
        left join
            {{ ref("int_choices__levels") }} as earlier
            on varied.year = earlier.year + 1
            and varied.metric_id = earlier.metric_id
            and varied.segment = earlier.segment
            and varied.entity_id = earlier.entity_id
            and varied.dimension = earlier.dimension
            and varied.choice = earlier.choice
            and varied.source_id = earlier.source_id
            and varied.basis = earlier.basis
        where varied.dimension in ('window', 'members') and varied.choice <> 'common_months'
    ),

    summed_otherwise as (
        select
            year,
            metric_id,
            segment,
            entity_id,
            dimension,
            choice,
            source_id,
            basis,
            choice_segment,
            value,
            low,
            high,
            if(has_interval, null, change) as change,
            change_unit,
            {{ move_of("change", "if(has_interval, change_low, null)", "if(has_interval, change_high, null)") }}
            as move,
            coalesce(not_comparable_reason, if(is_held, null, 'not available in both years')) as reason,
            null::varchar as note
        from levels
        where
            not (
                is_held
                and value is not distinct from preferred_value
                and prior_value is not distinct from preferred_prior_value
            )
    ),

    reweighted as (
        select
            year,
            metric_id,
            segment,
            entity_id,
            dimension,
            choice,
            source_id,
            basis,
            choice_segment,
            null::double as value,
            null::double as low,
            null::double as high,
            yoy_standardised as change,
            change_unit,
            {{ move_of("yoy_standardised", "yoy_standardised_low", "yoy_standardised_high") }} as move,
            if(
                yoy_standardised is null,
                coalesce(
                    not_comparable_reason,
                    'those who can be weighted are '
                    || printf('%.0f', standardised_coverage_pct)
                    || ' % of the year before',
                    'the answers by country and role are not available'
                ),
                null
            ) as reason,
            null::varchar as note
        from varied
        where dimension = 'weighting'
    ),

    months_of_both_years as (
        select
            year,
            metric_id,
            segment,
            entity_id,
            dimension,
            choice,
            source_id,
            basis,
            choice_segment,
            null::double as value,
            null::double as low,
            null::double as high,
            yoy_common_pct as change,
            change_unit,
            {{ move_of("yoy_common_pct", "yoy_common_low", "yoy_common_high") }} as move,
            if(
                yoy_common_pct is null,
                coalesce(not_comparable_reason, 'no month is held as a number in both years'),
                null
            ) as reason,
            common_months || ' months' as note
        from varied
        where choice = 'common_months' and common_months is distinct from 12
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
        from reweighted
        union all
        select *
        from months_of_both_years
    )

select *
from final
