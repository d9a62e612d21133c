-- Who leads, on the best way of counting that holds both, beside the ratio of the two in the year before, counted in
-- the same way. The lead changed only if that is beyond doubt: where the ratio is known within bounds these must not
-- overlap, and a number must move by more than 3 %, which estimated months move by themselves. It is not compared
-- across a break.
with

    ways as (
        select
            ways.*,
            metrics.kind = 'stock' as is_gain,
            if(
                is_gain and least(coalesce(low, value), coalesce(against_low, against_value)) <= 0,
                null,
                coalesce(low, value) / nullif(coalesce(against_high, against_value), 0)
            ) as ratio_low,
            if(
                is_gain and least(coalesce(low, value), coalesce(against_low, against_value)) <= 0,
                null,
                coalesce(high, value) / nullif(coalesce(against_low, against_value), 0)
            ) as ratio_high
        from {{ ref("int_leads__ways") }} as ways
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
    ),

    -- between the two years nothing but time, for either
    unbroken as (
        select metric_id, source_id, basis, segment, entity_id, year
        from {{ ref("int_yoy__compared") }}
        where entity_type = 'contender' and is_same_measure
    ),

    prior_ways as (
        select
            prior.metric_id,
            prior.source_id,
            prior.basis,
            prior.segment,
            prior.entity_id,
            prior.against_entity_id,
            prior.year + 1 as year,
            prior.ratio as prior_ratio,
            prior.ratio_low as prior_ratio_low,
            prior.ratio_high as prior_ratio_high,
            prior.common_months as prior_common_months
        from ways as prior
        inner join
            unbroken as me
            on prior.metric_id = me.metric_id
            and prior.source_id = me.source_id
            and prior.basis = me.basis
            and prior.segment = me.segment
            and prior.entity_id = me.entity_id
            and prior.year + 1 = me.year
        inner join
            unbroken as other
            on prior.metric_id = other.metric_id
            and prior.source_id = other.source_id
            and prior.basis = other.basis
            and prior.segment = other.segment
            and prior.against_entity_id = other.entity_id
            and prior.year + 1 = other.year
    ),

    final as (
        select
            ways.*,
            prior_ways.prior_ratio,
            prior_ways.prior_ratio_low,
            prior_ways.prior_ratio_high,
            prior_ways.prior_common_months,
            case
                when ways.ratio_low is null or prior_ways.prior_ratio_low is null
                then null
                when ways.ratio_low = ways.ratio_high and prior_ways.prior_ratio_low = prior_ways.prior_ratio_high
                then
                    case
                        when ways.ratio > 1.03 * prior_ways.prior_ratio
                        then 'gained'
                        when 1.03 * ways.ratio < prior_ways.prior_ratio
                        then 'lost'
                        else 'steady'
                    end
                when ways.ratio_low > prior_ways.prior_ratio_high
                then 'gained'
                when ways.ratio_high < prior_ways.prior_ratio_low
                then 'lost'
                else 'inconclusive'
            end as ground
        from ways
        left join prior_ways using (metric_id, source_id, basis, segment, entity_id, against_entity_id, year)
        where ways.is_preferred
    )

select *
from final
