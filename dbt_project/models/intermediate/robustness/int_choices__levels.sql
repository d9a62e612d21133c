-- The years of a contender by another window, or with more members than the primary name: levels that no other model
-- holds. Only whole years, all members held and counted by one method. Of who has no such members it is the primary's.
with

    choices as (
        select metric_id, dimension, choice
        from {{ source("catalog", "metric_choices") }}
        where dimension in ('window', 'members')
    ),

    windows as (
        select
            years.metric_id,
            choices.dimension,
            choices.choice,
            years.source_id,
            years.basis,
            years.entity_id,
            years.segment,
            years.year,
            years.value,
            years.low,
            years.high
        from {{ ref("int_years__candidates") }} as years
        inner join
            choices
            on years.metric_id = choices.metric_id
            and choices.dimension = 'window'
            and choices.choice = case
                when years.method in ('exact_year', 'near_calendar_window', 'year_difference')
                then 'calendar_year'
                when years.method in ('twelve_exact_months', 'estimated_months')
                then 'twelve_months'
            end
        where years.entity_type = 'contender' and years.member = 'primary' and years.is_complete
        qualify
            row_number() over (
                partition by years.series_id, years.year, choices.choice order by years.method_rank, years.period_start
            )
            = 1
    ),

    -- the names that a choice adds up, of the member that stands for the contender
    wanted as (
        select
            choices.metric_id,
            choices.dimension,
            choices.choice,
            sources.source_id,
            contenders.entity_id as contender_id,
            contenders.represented_by,
            list(distinct names.native_object) as external_names
        from choices
        inner join
            (select distinct metric_id, source_id from {{ source("catalog", "metric_sources") }}) as ways using (
                metric_id
            )
        inner join {{ source("catalog", "sources") }} as sources using (source_id)
        inner join {{ source("catalog", "entities") }} as contenders on contenders.entity_type = 'contender'
        inner join
            {{ source("catalog", "names") }} as names
            on sources.namespace = names.namespace
            and names.entity_type = 'framework'
            and contenders.represented_by = names.entity_id
            and (
                names.member in ('primary', 'variant') or (choices.choice = 'with_nightly' and names.member = 'nightly')
            )
        where choices.dimension = 'members'
        group by all
    ),

    builds as (
        select years.*, wanted.dimension, wanted.choice, wanted.contender_id, len(wanted.external_names) as names_wanted
        from {{ ref("int_years__resolved") }} as years
        inner join
            wanted
            on years.metric_id = wanted.metric_id
            and years.source_id = wanted.source_id
            and years.entity_type = 'framework'
            and years.entity_id = wanted.represented_by
            and list_contains(wanted.external_names, years.external_name)
    ),

    members as (
        select
            metric_id,
            dimension,
            choice,
            source_id,
            basis,
            contender_id as entity_id,
            segment,
            year,
            if(count(value) = count(*), sum(value order by external_name), null) as value,
            if(count(value) = count(*), null, sum(coalesce(low, value) order by external_name)) as low,
            if(count(value) = count(*), null, sum(coalesce(high, value) order by external_name)) as high
        from builds
        group by all
        having count(*) = any_value(names_wanted) and bool_and(is_complete) and count(distinct method) = 1
    ),

    final as (
        select *
        from windows
        union all
        select *
        from members
    )

select *
from final
