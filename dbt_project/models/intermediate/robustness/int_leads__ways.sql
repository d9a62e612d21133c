-- The two contenders of a pair, where they are counted in the same way in the same year: who is ahead, by how much.
-- One is ahead only if its whole interval lies above the other's; two options of one sample are compared as pairs. Of a
-- stock what it gained in the year is compared; its total is context and decides nothing. Where a year is not whole,
-- the months that both hold are compared, three or more of them, and `common_months` says how many; it is null where
-- whole years are.
with

    wanted as (select * from {{ ref("int_pairs__materialised") }}),

    ways as (
        select ways.metric_id, ways.source_id, ways.basis, ways.preference
        from {{ source("catalog", "metric_sources") }} as ways
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        where ways.is_preferable and metrics.channel <> 'context'
    ),

    contenders as (
        select
            years.* replace (
                years.standing_value as value,
                if(years.kind = 'stock', years.net_additions_low, years.low) as low,
                if(years.kind = 'stock', years.net_additions_high, years.high) as high
            ),
            if(years.kind = 'stock', years.value, null) as total,
            if(years.kind = 'stock', years.low, null) as total_low,
            if(years.kind = 'stock', years.high, null) as total_high,
            ways.preference
        from {{ ref("int_yoy__compared") }} as years
        inner join ways using (metric_id, source_id, basis)
        where years.entity_type = 'contender' and years.ranking_low is not null
    ),

    whole_years as (
        select
            me.year,
            me.metric_id,
            me.segment,
            me.entity_id,
            other.entity_id as against_entity_id,
            me.source_id,
            me.basis,
            me.preference,
            me.unit,
            me.value,
            me.low,
            me.high,
            other.value as against_value,
            other.low as against_low,
            other.high as against_high,
            me.total,
            me.total_low,
            me.total_high,
            other.total as against_total,
            other.total_low as against_total_low,
            other.total_high as against_total_high,
            me.kind = 'stock' as is_gain,
            case
                when
                    me.kind = 'share'
                    and me.denominator = other.denominator
                    and me.numerator is not null
                    and other.numerator is not null
                then {{ paired_lead("me.numerator", "other.numerator", "me.denominator") }}
                else
                    {{
                        leading_contender(
                            "me.ranking_low", "me.ranking_high", "other.ranking_low", "other.ranking_high"
                        )
                    }}
            end as lead,
            {{ worst_grade(["me.grade", "other.grade"]) }} as grade,
            {{ join_reasons(["me.grade_reason", "other.grade_reason"]) }} as grade_reason,
            null::integer as common_months,
            null::integer[] as common_month_numbers
        from wanted
        inner join contenders as me on wanted.entity_id = me.entity_id
        inner join
            contenders as other
            on wanted.against_entity_id = other.entity_id
            and me.year = other.year
            and me.metric_id = other.metric_id
            and me.source_id = other.source_id
            and me.basis = other.basis
            and me.segment = other.segment
    ),

    -- a month that is only known to be below a list's smallest count is no figure to add up
    months as (
        select
            months.metric_id,
            months.source_id,
            months.basis,
            months.segment,
            months.entity_id,
            months.month_date,
            months.unit,
            year(months.month_date)::integer as year,
            months.value,
            coalesce(months.low, months.value) as lowest,
            coalesce(months.high, months.value) as highest,
            months.grade,
            ways.preference
        from {{ ref("int_months__primary") }} as months
        inner join ways using (metric_id, source_id, basis)
        where
            months.entity_type = 'contender'
            and months.kind = 'flow'
            and coalesce(months.is_released, true)
            and coalesce(months.low, months.value) is not null
            and coalesce(months.high, months.value) is not null
    ),

    -- added up in the order of the months, so that the last digit does not depend on the build
    sums as (
        select
            me.year,
            me.metric_id,
            me.segment,
            me.entity_id,
            other.entity_id as against_entity_id,
            me.source_id,
            me.basis,
            me.preference,
            me.unit,
            if(bool_and(me.value is not null), sum(me.value order by me.month_date), null) as value,
            if(bool_and(me.value is not null), null, sum(me.lowest order by me.month_date)) as low,
            if(bool_and(me.value is not null), null, sum(me.highest order by me.month_date)) as high,
            if(bool_and(other.value is not null), sum(other.value order by me.month_date), null) as against_value,
            if(bool_and(other.value is not null), null, sum(other.lowest order by me.month_date)) as against_low,
            if(bool_and(other.value is not null), null, sum(other.highest order by me.month_date)) as against_high,
            max({{ worst_grade(["me.grade", "other.grade"]) }}) as worst_month,
            count(*)::integer as common_months,
            list(month(me.month_date) order by me.month_date)::integer[] as common_month_numbers,
            false as is_gain
        from wanted
        inner join months as me on wanted.entity_id = me.entity_id
        inner join
            months as other
            on wanted.against_entity_id = other.entity_id
            and me.month_date = other.month_date
            and me.metric_id = other.metric_id
            and me.source_id = other.source_id
            and me.basis = other.basis
            and me.segment = other.segment
        group by all
        having count(*) >= 3
    ),

    parts_of_years as (
        select *
        from sums
        union all by name
        select *, true as is_gain
        from {{ ref("int_leads__gains") }}
        semi join ways using (metric_id, source_id, basis)
    ),

    common_months as (
        select
            parts_of_years.* exclude (worst_month),
            {{
                leading_contender(
                    "coalesce(low, value)",
                    "coalesce(high, value)",
                    "coalesce(against_low, against_value)",
                    "coalesce(against_high, against_value)",
                )
            }} as lead,
            {{ worst_grade(["worst_month", "if(common_months >= 9, 'C', 'D')"]) }} as grade,
            common_months || ' months are available of both' as grade_reason
        from parts_of_years
        anti join whole_years using (year, metric_id, segment, entity_id, against_entity_id, source_id, basis)
    ),

    pairs as (
        select *
        from whole_years
        union all by name
        select *
        from common_months
    ),

    final as (
        select
            -- of two that gained nothing none is ahead
            * exclude (is_gain) replace (
                if(
                    is_gain and greatest(coalesce(high, value), coalesce(against_high, against_value)) <= 0,
                    'inconclusive',
                    lead
                ) as lead
            ),
            if(is_gain and least(value, against_value) <= 0, null, value / nullif(against_value, 0)) as ratio,
            row_number() over (
                partition by year, metric_id, segment, entity_id, against_entity_id
                order by common_months is not null, common_months desc, grade, preference
            )
            = 1 as is_preferred
        from pairs
    )

select *
from final
