-- Questions by tag and month; and of a contender of two tags the exact number of questions with either: those with the
-- one, and with the other, less those with both. Only where all three were counted within a week of each other, since
-- questions disappear; else the contender is known within bounds, as from its parts.
with

    source as (
        select *
        from {{ current_rows("stack_exchange", "counts") }} as current_extracts
        qualify
            row_number() over (partition by name, period_start, period_end order by landed_at desc, extract_id desc) = 1
    ),

    single as (select * from source where not contains(name, ';')),

    pairs as (select *, list_sort(string_split(name, ';')) as tags from source where contains(name, ';')),

    -- the contender that a name of two tags belongs to, while they are the tags of all its members
    families as (
        select pairs.name, pairs.period_start, pairs.period_end, contenders.entity_id as contender_id
        from pairs
        inner join
            {{ source("catalog", "names") }} as contenders
            on contenders.namespace = 'stackoverflow_tag'
            and contenders.entity_type = 'contender'
            and contenders.name = pairs.name
            and pairs.period_start >= coalesce(contenders.valid_from, date '0001-01-01')
            and pairs.period_start < coalesce(contenders.valid_until, date '9999-12-31')
        inner join
            {{ source("catalog", "members") }} as members
            on contenders.entity_id = members.contender_id
            and pairs.period_start >= coalesce(members.valid_from, date '0001-01-01')
            and pairs.period_start < coalesce(members.valid_until, date '9999-12-31')
        inner join
            {{ source("catalog", "names") }} as names
            on names.namespace = 'stackoverflow_tag'
            and names.entity_type = 'framework'
            and names.member = 'primary'
            and members.framework_id = names.entity_id
        group by pairs.name, pairs.period_start, pairs.period_end, pairs.tags, contenders.entity_id
        having list_sort(list(names.name)) = pairs.tags
    ),

    either as (
        select
            'contender' as entity_type,
            families.contender_id as entity_id,
            array_to_string(pairs.tags, ' or ') as external_name,
            pairs.period_start,
            pairs.period_end,
            one."count" + other."count" - pairs."count" as "count",
            pairs.extract_id,
            greatest(one.landed_at, other.landed_at, pairs.landed_at) as landed_at,
            greatest(one.available_at, other.available_at, pairs.available_at) as available_at
        from pairs
        inner join families using (name, period_start, period_end)
        inner join
            single as one
            on pairs.tags[1] = one.name
            and pairs.period_start = one.period_start
            and pairs.period_end = one.period_end
        inner join
            single as other
            on pairs.tags[2] = other.name
            and pairs.period_start = other.period_start
            and pairs.period_end = other.period_end
        where
            len(pairs.tags) = 2
            and pairs."count" <= least(one."count", other."count")
            and greatest(one.landed_at, other.landed_at, pairs.landed_at)
            <= least(one.landed_at, other.landed_at, pairs.landed_at) + interval 7 day
    ),

    counts as (
        select null as entity_type, null as entity_id, name as external_name, * exclude (name)
        from single
        union all by name
        select *
        from either
    ),

    observations as (
        select
            'stackoverflow_questions' as metric_id,
            'stack_exchange' as source_id,
            entity_type,
            entity_id,
            external_name,
            'all' as segment,
            'tagged' as basis,
            period_start,
            period_end,
            "count" as value,
            extract_id,
            landed_at,
            available_at
        from counts
    ),

    final as ({{ select_observations("observations") }})

select *
from final
