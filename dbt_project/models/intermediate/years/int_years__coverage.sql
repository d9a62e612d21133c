-- What is held and what is not: one row per entity, way of counting and year, also where nothing is available.
with

    observations as (select * from {{ ref("int_observations__graded") }}),

    years as (
        select unnest(generate_series(year(min(period_start)), year(max(period_end - 1))))::integer as year
        from observations
    ),

    named as (
        select distinct namespace, entity_type, entity_id
        from {{ source("catalog", "names") }}
        union
        select names.namespace, 'contender', members.contender_id
        from {{ source("catalog", "names") }} as names
        inner join
            {{ source("catalog", "members") }} as members
            on names.entity_type = 'framework'
            and names.entity_id = members.framework_id
    ),

    wanted as (
        select
            metrics.metric_id,
            ways.source_id,
            ways.basis,
            entities.entity_type,
            entities.entity_id,
            years.year,
            metrics.kind,
            sources.grain,
            named.entity_id is not null as has_name,
            years.year between year(sources.first_period_date) and year(
                coalesce(sources.last_period_date, date '9999-12-31') - 1
            ) as is_expected
        from {{ source("catalog", "metrics") }} as metrics
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id)
        inner join {{ source("catalog", "sources") }} as sources using (source_id)
        cross join {{ source("catalog", "entities") }} as entities
        cross join years
        left join
            named
            on sources.namespace = named.namespace
            and entities.entity_type = named.entity_type
            and entities.entity_id = named.entity_id
    ),

    held as (select * from {{ ref("int_years__resolved") }} where segment = 'all' and member = 'primary'),

    never as (
        select source_id, list(strftime(month, '%Y-%m') order by month) as months
        from
            (
                select source_id, unnest(generate_series(start, "end" - 1, interval 1 month))::date as month
                from {{ source("catalog", "never_held") }}
            )
        group by source_id
    ),

    final as (
        select
            wanted.metric_id,
            wanted.source_id,
            wanted.basis,
            wanted.entity_type,
            wanted.entity_id,
            wanted.year,
            case
                when not wanted.has_name
                then 'no name in this channel'
                when held.year is null
                then 'not available'
                when held.is_complete and held.value is not null
                then 'complete'
                when held.is_complete
                then 'known within bounds'
                when held.kind = 'stock'
                then 'between snapshots'
                else 'partial'
            end as state,
            held.method,
            if(wanted.grain = 'month', 12, 1)::integer as expected_periods,
            case
                when held.year is null
                then 0
                when wanted.grain = 'month'
                then held.months_held
                else held.is_complete::integer
            end::integer as held_periods,
            if(
                wanted.grain = 'month' and held.method = 'incomplete',
                list_filter(
                    list_transform(range(1, 13), lambda month:wanted.year || '-' || lpad(month::varchar, 2, '0')),
                    lambda month:
                    not list_contains(list_transform(held.months, lambda number:wanted.year || '-' || number), month)
                ),
                []
            ) as missing_months,
            list_filter(
                coalesce(never.months, []),
                lambda month:wanted.grain = 'month' and starts_with(month, wanted.year::varchar)
            ) as never_published_months,
            held.grade
        from wanted
        left join held using (metric_id, source_id, basis, entity_type, entity_id, year)
        left join never using (source_id)
        where wanted.is_expected or held.year is not null
    )

select *
from final
