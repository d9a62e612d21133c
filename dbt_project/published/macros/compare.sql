-- Which of two is ahead, metric by metric? Both counted in the same way: the one the catalog prefers of those that hold
-- both. Of a stock what each gained in the year is compared, not its total. Where no way holds the whole year of both,
-- the months that both hold are compared, three or more of them, and common_months says how many. Where no way holds
-- both, the row says not known, and why; where bounds overlap, inconclusive. Metrics are not weighed together; market
-- context has a row only where both are markets.
--
-- a: an id or label of meta.entities; a member means its contender where the other is a contender
-- b: another
-- year: a calendar year
-- returns: a row per metric (and part, of one that has parts only); ahead: an id, level, inconclusive, not known
-- example: from compare({focus}, {benchmark}, {year})
create macro compare(a, b, year) as table
with

    named as (select entity_named(a) as first_entity, entity_named(b) as second_entity, year_named(year) as year),

    asked as (
        -- a member stands for its contender beside another contender
        select
            named.year as year,
            case
                when second_entity.entity_type = 'contender'
                then
                    coalesce(
                        (
                            select {'entity_type':'contender', 'entity_id':any_value(contender_id)}
                            from meta.members
                            where first_entity.entity_type = 'framework' and framework_id = first_entity.entity_id
                            having count(*) > 0
                        ),
                        first_entity
                    )
                else first_entity
            end as first_entity,
            case
                when first_entity.entity_type = 'contender'
                then
                    coalesce(
                        (
                            select {'entity_type':'contender', 'entity_id':any_value(contender_id)}
                            from meta.members
                            where second_entity.entity_type = 'framework' and framework_id = second_entity.entity_id
                            having count(*) > 0
                        ),
                        second_entity
                    )
                else second_entity
            end as second_entity
        from named
    ),

    placed as (
        select yoy.*
        from marts.fct_adoption_yoy as yoy
        inner join asked using (year)
        inner join marts.dim_metrics as metrics using (metric_id)
        where yoy.ranking_low is not null and (yoy.segment = 'all' or metrics.has_parts_only)
    ),

    whole_years as (
        select
            metric_id,
            source_id,
            basis,
            segment,
            ways.preference,
            null::integer as common_months,
            placed_one.kind,
            placed_one.standing_value as a_value,
            case when placed_one.kind = 'stock' then placed_one.net_additions_low else placed_one.low end as a_low,
            case when placed_one.kind = 'stock' then placed_one.net_additions_high else placed_one.high end as a_high,
            other.standing_value as b_value,
            case when placed_one.kind = 'stock' then other.net_additions_low else other.low end as b_low,
            case when placed_one.kind = 'stock' then other.net_additions_high else other.high end as b_high,
            placed_one.ranking_low as a_lowest,
            placed_one.ranking_high as a_highest,
            other.ranking_low as b_lowest,
            other.ranking_high as b_highest,
            placed_one.interval_kind,
            placed_one.yoy_pct as a_yoy_pct,
            other.yoy_pct as b_yoy_pct,
            placed_one.yoy_change as a_yoy_change,
            other.yoy_change as b_yoy_change,
            greatest(placed_one.grade, other.grade) as grade,
            nullif(
                concat_ws(
                    '; ',
                    placed_one.grade_reason,
                    case when other.grade_reason is distinct from placed_one.grade_reason then other.grade_reason end
                ),
                ''
            ) as grade_reason
        from asked
        inner join
            placed as placed_one
            on placed_one.entity_type = asked.first_entity.entity_type
            and placed_one.entity_id = asked.first_entity.entity_id
        inner join placed as other using (metric_id, source_id, basis, segment)
        inner join meta.metric_sources as ways using (metric_id, source_id, basis)
        where
            other.entity_type = asked.second_entity.entity_type
            and other.entity_id = asked.second_entity.entity_id
            and ways.is_preferable
    ),

    months as (
        select
            months.*,
            ways.preference,
            coalesce(months.low, months.value) as lowest,
            coalesce(months.high, months.value) as highest
        from asked
        inner join marts.fct_adoption_monthly as months on year(months.month_date) = asked.year
        inner join marts.dim_metrics as metrics using (metric_id)
        inner join meta.metric_sources as ways using (metric_id, source_id, basis)
        -- nothing is compared with what was not released
        inner join
            meta.entities as released
            on months.entity_type = released.entity_type
            and months.entity_id = released.entity_id
            and months.month_date + interval 1 month > coalesce(released.released, date '0001-01-01')
        where
            months.kind = 'flow'
            and ways.is_preferable
            and (months.segment = 'all' or metrics.has_parts_only)
            and coalesce(months.low, months.value) is not null
            and coalesce(months.high, months.value) is not null
    ),

    parts_of_years as (
        select
            metric_id,
            source_id,
            basis,
            segment,
            me.preference,
            count(*)::integer as common_months,
            'flow' as kind,
            case when count(me.value) = count(*) then sum(me.value order by month_date) end as a_value,
            case when count(me.value) = count(*) then null else sum(me.lowest order by month_date) end as a_low,
            case when count(me.value) = count(*) then null else sum(me.highest order by month_date) end as a_high,
            case when count(other.value) = count(*) then sum(other.value order by month_date) end as b_value,
            case when count(other.value) = count(*) then null else sum(other.lowest order by month_date) end as b_low,
            case when count(other.value) = count(*) then null else sum(other.highest order by month_date) end as b_high,
            sum(me.lowest order by month_date) as a_lowest,
            sum(me.highest order by month_date) as a_highest,
            sum(other.lowest order by month_date) as b_lowest,
            sum(other.highest order by month_date) as b_highest,
            max(me.interval_kind) as interval_kind,
            null::double as a_yoy_pct,
            null::double as b_yoy_pct,
            null::double as a_yoy_change,
            null::double as b_yoy_change,
            greatest(max(me.grade), max(other.grade), case when count(*) >= 9 then 'C' else 'D' end) as grade,
            count(*) || ' months are available of both' as grade_reason
        from asked
        inner join
            months as me
            on me.entity_type = asked.first_entity.entity_type
            and me.entity_id = asked.first_entity.entity_id
        inner join months as other using (metric_id, source_id, basis, segment, month_date)
        where other.entity_type = asked.second_entity.entity_type and other.entity_id = asked.second_entity.entity_id
        group by metric_id, source_id, basis, segment, me.preference
        having count(*) >= 3
    ),

    pairs as (
        select *
        from
            (
                select *
                from whole_years
                union all by name
                select *
                from parts_of_years
            ) as held
        qualify
            row_number() over (
                partition by metric_id, segment
                order by common_months is not null, common_months desc, grade, preference
            )
            = 1
    ),

    states as (
        select
            coverage.metric_id,
            coverage.entity_type,
            coverage.entity_id,
            string_agg(distinct coverage.state, ', ' order by coverage.state) as states
        from asked
        inner join marts.fct_coverage as coverage using (year)
        group by all
    )

select
    asked.year,
    metrics.metric_id,
    metrics.label,
    metrics.channel,
    pairs.segment,
    case
        when pairs.metric_id is null
        then 'not known'
        -- of two that gained nothing none is ahead
        when metrics.kind = 'stock' and greatest(pairs.a_highest, pairs.b_highest) <= 0
        then 'inconclusive'
        when pairs.a_lowest > pairs.b_highest
        then asked.first_entity.entity_id
        when pairs.b_lowest > pairs.a_highest
        then asked.second_entity.entity_id
        when pairs.a_lowest = pairs.a_highest and pairs.b_lowest = pairs.b_highest
        then 'level'
        else 'inconclusive'
    end as ahead,
    pairs.a_value,
    pairs.a_low,
    pairs.a_high,
    pairs.b_value,
    pairs.b_low,
    pairs.b_high,
    metrics.unit,
    pairs.interval_kind,
    case
        when metrics.kind = 'stock' and least(pairs.a_value, pairs.b_value) <= 0
        then null
        else pairs.a_value / nullif(pairs.b_value, 0)
    end as ratio,
    pairs.a_yoy_pct,
    pairs.b_yoy_pct,
    pairs.a_yoy_change,
    pairs.b_yoy_change,
    pairs.source_id,
    pairs.basis,
    pairs.common_months,
    pairs.grade,
    pairs.grade_reason,
    case
        when pairs.metric_id is not null
        then null
        else
            'not available for both in one way of counting; '
            || asked.first_entity.entity_id
            || ': '
            || coalesce(one.states, 'no source covers it')
            || '; '
            || asked.second_entity.entity_id
            || ': '
            || coalesce(other.states, 'no source covers it')
    end as no_data_reason,
    metrics.caveats
from asked
cross join marts.dim_metrics as metrics
left join pairs on metrics.metric_id = pairs.metric_id
left join
    states as one
    on metrics.metric_id = one.metric_id
    and asked.first_entity.entity_type = one.entity_type
    and asked.first_entity.entity_id = one.entity_id
left join
    states as other
    on metrics.metric_id = other.metric_id
    and asked.second_entity.entity_type = other.entity_type
    and asked.second_entity.entity_id = other.entity_id
where metrics.channel <> 'context' or pairs.metric_id is not null
order by metrics.position, pairs.segment
