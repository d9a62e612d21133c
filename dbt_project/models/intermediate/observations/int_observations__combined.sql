-- Members combined into contenders, by the rule that the catalog gives the metric. A source that counts distinct
-- respondents itself emits its contenders in staging; they pass through, and nothing is said of them from their parts.
-- `primary`, `none`: the representing member stands for the contender, by name. `sum`: disjoint parts are added, if all
-- of them are there. `interval`: only the parts are known, and the whole lies in [largest part, least of their sum and
-- the total]; of a survey that did not offer every member it is at least the largest part.
with

    observations as (select * from {{ ref("int_observations__companions") }}),

    counted_itself as (
        select metric_id, source_id, segment, basis, period_start, entity_id as contender_id
        from observations
        where entity_type = 'contender' and value is not null
    ),

    -- a member counts if it belonged to the contender when the period began
    memberships as (
        select observations.*, members.contender_id, members.is_representative, metrics.combine
        from observations
        inner join
            {{ source("catalog", "members") }} as members
            on observations.entity_type = 'framework'
            and observations.member = 'primary'
            and observations.entity_id = members.framework_id
            and observations.period_start >= coalesce(members.valid_from, date '0001-01-01')
            and observations.period_start < coalesce(members.valid_until, date '9999-12-31')
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        anti join
            counted_itself
            on observations.metric_id = counted_itself.metric_id
            and observations.source_id = counted_itself.source_id
            and observations.segment = counted_itself.segment
            and observations.basis = counted_itself.basis
            and observations.period_start = counted_itself.period_start
            and members.contender_id = counted_itself.contender_id
    ),

    -- members that have a name in the source's channel, so that the source could speak of them
    nameable as (
        select sources.source_id, members.contender_id, members.valid_from, members.valid_until
        from {{ source("catalog", "members") }} as members
        inner join
            {{ source("catalog", "names") }} as names
            on members.framework_id = names.entity_id
            and names.entity_type = 'framework'
            and names.member = 'primary'
            and names.name = names.native_object
        inner join {{ source("catalog", "sources") }} as sources using (namespace)
    ),

    wanted as (
        select periods.source_id, periods.contender_id, periods.period_start, count(*) as members_wanted
        from (select distinct source_id, contender_id, period_start from memberships) as periods
        inner join
            nameable
            on periods.source_id = nameable.source_id
            and periods.contender_id = nameable.contender_id
            and periods.period_start >= coalesce(nameable.valid_from, date '0001-01-01')
            and periods.period_start < coalesce(nameable.valid_until, date '9999-12-31')
        group by all
    ),

    parts as (
        select memberships.*, wanted.members_wanted
        from memberships
        inner join wanted using (source_id, contender_id, period_start)
    ),

    represented as (
        select
            * exclude (entity_type, entity_id, contender_id, is_representative, combine, members_wanted),
            'contender' as entity_type,
            contender_id as entity_id
        from parts
        where
            (is_representative and combine in ('primary', 'none'))
            or (members_wanted = 1 and combine in ('sum', 'interval'))
    ),

    together as (
        select
            parts.metric_id,
            parts.source_id,
            parts.segment,
            parts.basis,
            parts.period_start,
            parts.period_end,
            parts.contender_id,
            parts.combine,
            if(metrics.kind = 'rate', 1000, 100) as scale,
            sum(parts.value) as total,
            max(parts.value) as largest,
            sum(parts.numerator) as numerators,
            max(parts.numerator) as largest_numerator,
            any_value(parts.denominator) as denominator,
            any_value(parts.instrument) as instrument,
            max(parts.extract_id) as extract_id,
            max(parts.landed_at) as landed_at,
            max(parts.available_at) as available_at,
            string_agg(parts.external_name, ' + ' order by parts.external_name) as external_name,
            count(parts.value) < max(parts.members_wanted) as is_in_part
        from parts
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        where parts.combine in ('sum', 'interval') and parts.members_wanted > 1
        group by all
        having
            count(parts.value) = max(parts.members_wanted)
            or (max(metrics.kind) = 'share' and parts.combine = 'interval' and count(parts.value) = count(*))
    ),

    whole as (
        select
            metric_id,
            source_id,
            external_name,
            segment,
            basis,
            period_start,
            period_end,
            if(combine = 'sum', total, null) as value,
            if(combine = 'sum', numerators, null) as numerator,
            denominator,
            if(combine = 'sum', null, coalesce(scale * largest_numerator / denominator, largest)) as low,
            case
                when combine = 'sum'
                then null
                when is_in_part
                then 100
                else coalesce(scale * least(numerators, denominator) / denominator, total)
            end as high,
            if(combine = 'sum', null, 'bound') as interval_kind,
            instrument,
            extract_id,
            landed_at,
            available_at,
            contender_id as native_object,
            'primary' as member,
            'contender' as entity_type,
            contender_id as entity_id
        from together
    ),

    final as (
        select *
        from observations
        union all by name
        select *
        from represented
        union all by name
        select *
        from whole
    )

select *
from final
