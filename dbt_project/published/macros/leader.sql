-- Who leads? Every contender in a metric and year, ranked among those counted in the same way: the way of counting
-- that ranks most contenders, and of several the one the catalog prefers. A stock is ranked by what it gained in the
-- year, not by its total. Overlapping bounds share ranks, and nobody is ranked alone: where no way holds the whole year
-- of two, the months that most hold of it are ranked, three or more of them, and common_months says how many. Who holds
-- a part of the year that alone exceeds every whole one is above them, with a lower bound only.
--
-- metric: an id or label of meta.metrics
-- year: a calendar year
-- returns: a row per contender (and part, of a metric with parts only); standing: leads, may lead, behind, not known
-- example: from leader({metric}, {year})
create macro leader(metric, year) as table
with

    asked as (select metric_named(metric) as metric_id, year_named(year) as year),

    counted as (
        select yoy.*, ways.preference
        from asked
        inner join marts.fct_adoption_yoy as yoy using (metric_id, year)
        inner join marts.dim_metrics as metrics using (metric_id)
        inner join meta.metric_sources as ways using (metric_id, source_id, basis)
        where yoy.entity_type = 'contender' and ways.is_preferable and (yoy.segment = 'all' or metrics.has_parts_only)
    ),

    segments as (
        select distinct asked.metric_id, asked.year, coalesce(counted.segment, 'all') as segment
        from asked
        left join counted using (metric_id, year)
    ),

    ways as (
        select segment, source_id, basis
        from counted
        where rank_low is not null
        qualify row_number() over (partition by segment order by contenders_ranked desc, preference) = 1
    ),

    whole as (
        select counted.*
        from counted
        inner join ways using (segment, source_id, basis)
        where counted.rank_low is not null
    ),

    above as (
        -- what a year that is not whole came to at least may lie above every whole one
        select counted.*
        from counted
        inner join
            (select segment, source_id, basis, max(ranking_high) as highest from whole group by all) using (
                segment, source_id, basis
            )
        where counted.rank_low is null and counted.kind = 'flow' and counted.value > highest
    ),

    whole_years as (
        select
            segment,
            entity_id,
            rank_low + (select count(*) from above where above.segment = whole.segment) as rank_low,
            rank_high + (select count(*) from above where above.segment = whole.segment) as rank_high,
            contenders_ranked + (select count(*) from above where above.segment = whole.segment) as contenders_ranked,
            standing_value as value,
            case when kind = 'stock' then net_additions_low else low end as low,
            case when kind = 'stock' then net_additions_high else high end as high,
            interval_kind,
            unit,
            source_id,
            basis,
            null::integer as common_months,
            grade,
            grade_reason
        from whole
        union all
        select
            segment,
            entity_id,
            1,
            count(*) over (partition by segment),
            (select count(*) from whole where whole.segment = above.segment) + count(*) over (partition by segment),
            null,
            value,
            null,
            'bound',
            unit,
            source_id,
            basis,
            null,
            grade,
            grade_reason
        from above
    ),

    months as (
        select
            months.segment,
            months.source_id,
            months.basis,
            months.entity_id,
            months.month_date,
            months.value,
            months.interval_kind,
            months.unit,
            coalesce(months.low, months.value) as lowest,
            coalesce(months.high, months.value) as highest,
            months.grade,
            ways.preference
        from asked
        inner join marts.fct_adoption_monthly as months using (metric_id)
        inner join marts.dim_metrics as metrics using (metric_id)
        inner join meta.metric_sources as ways using (metric_id, source_id, basis)
        -- nobody leads with what was not released
        inner join
            meta.entities as released
            on months.entity_type = released.entity_type
            and months.entity_id = released.entity_id
            and months.month_date + interval 1 month > coalesce(released.released, date '0001-01-01')
        anti join ways as ranked on months.segment = ranked.segment
        where
            year(months.month_date) = asked.year
            and months.entity_type = 'contender'
            and months.kind = 'flow'
            and ways.is_preferable
            and (months.segment = 'all' or metrics.has_parts_only)
            and coalesce(months.low, months.value) is not null
            and coalesce(months.high, months.value) is not null
    ),

    held as (
        select segment, source_id, basis, preference, entity_id, list(month_date) as dates from months group by all
    ),

    shared as (
        select distinct
            one.segment,
            one.source_id,
            one.basis,
            one.preference,
            list_sort(list_intersect(one.dates, other.dates)) as dates
        from held as one
        inner join held as other using (segment, source_id, basis)
        where one.entity_id < other.entity_id
    ),

    shared_by as (
        select
            shared.segment,
            shared.source_id,
            shared.basis,
            shared.preference,
            shared.dates,
            len(shared.dates) as months,
            count(*) as contenders
        from shared
        inner join held using (segment, source_id, basis)
        where len(shared.dates) >= 3 and list_has_all(held.dates, shared.dates)
        group by all
    ),

    chosen as (
        -- of the months that two hold, those that are most, and of as many those that most hold
        select segment, source_id, basis, dates
        from shared_by
        qualify row_number() over (partition by segment order by months desc, contenders desc, preference, dates) = 1
    ),

    sums as (
        select
            segment,
            source_id,
            basis,
            months.entity_id,
            months.unit,
            len(chosen.dates)::integer as common_months,
            case when count(months.value) = count(*) then sum(months.value order by months.month_date) end as value,
            sum(months.lowest order by months.month_date) as lowest,
            sum(months.highest order by months.month_date) as highest,
            max(months.interval_kind) as interval_kind,
            max(months.grade) as worst_month
        from chosen
        inner join months using (segment, source_id, basis)
        where list_contains(chosen.dates, months.month_date)
        group by all
        having count(*) = len(chosen.dates)
    ),

    parts_of_years as (
        select
            one.segment,
            one.entity_id,
            1 + count(*) filter (other.lowest > one.highest) as rank_low,
            count(*) filter (other.highest >= one.lowest) as rank_high,
            count(*)::integer as contenders_ranked,
            one.value,
            case when one.value is null then one.lowest end as low,
            case when one.value is null then one.highest end as high,
            case when one.value is null then one.interval_kind end as interval_kind,
            one.unit,
            one.source_id,
            one.basis,
            one.common_months,
            greatest(one.worst_month, case when one.common_months >= 9 then 'C' else 'D' end) as grade,
            one.common_months || ' months are held of those who are ranked' as grade_reason
        from sums as one
        inner join sums as other using (segment)
        group by all
    ),

    ranked as (
        select *
        from whole_years
        union all
        select *
        from parts_of_years
    )

select
    segments.year,
    segments.metric_id,
    segments.segment,
    case
        when ranked.rank_low is null
        then 'not known'
        when ranked.rank_high = 1
        then 'leads'
        when ranked.rank_low = 1
        then 'may lead'
        else 'behind'
    end as standing,
    ranked.rank_low,
    ranked.rank_high,
    ranked.contenders_ranked,
    entities.entity_id,
    entities.label,
    ranked.value,
    ranked.low,
    ranked.high,
    ranked.interval_kind,
    ranked.unit,
    ranked.source_id,
    ranked.basis,
    ranked.common_months,
    ranked.grade,
    ranked.grade_reason
from segments
cross join meta.entities as entities
left join ranked on segments.segment = ranked.segment and entities.entity_id = ranked.entity_id
where entities.entity_type = 'contender'
order by segments.segment, ranked.rank_low, ranked.rank_high, entities.entity_id
