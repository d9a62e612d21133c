-- Posts that name a term, per thousand posts of the month's thread; and those that name any term of a contender, each
-- once. A term that was looked for and not found is a zero; one that was not looked for is not known.
with

    source as (
        select *
        from {{ current_rows("hacker_news", "posts") }} as current_extracts
        qualify dense_rank() over (partition by month_date order by landed_at desc, extract_id desc) = 1
    ),

    threads as (
        select
            month_date,
            extract_id,
            landed_at,
            available_at,
            any_value(looked_for) as looked_for,
            sum(posts) as all_posts
        from source
        group by all
        having sum(posts) > 0
    ),

    single as (
        select month_date, term as external_name, [term] as terms, null as entity_id
        from (select month_date, unnest(looked_for) as term from threads)
    ),

    -- members that belonged to the contender when the month began, by their primary names
    families as (
        select threads.month_date, members.contender_id as entity_id, list_sort(list(names.name)) as terms
        from threads
        inner join
            {{ source("catalog", "members") }} as members
            on threads.month_date >= coalesce(members.valid_from, date '0001-01-01')
            and threads.month_date < coalesce(members.valid_until, date '9999-12-31')
        inner join {{ source("catalog", "sources") }} as sources on sources.source_id = 'hacker_news'
        inner join
            {{ source("catalog", "names") }} as names
            on sources.namespace = names.namespace
            and names.entity_type = 'framework'
            and names.member = 'primary'
            and names.name = names.native_object
            and members.framework_id = names.entity_id
            and threads.month_date >= coalesce(names.valid_from, date '0001-01-01')
            and threads.month_date < coalesce(names.valid_until, date '9999-12-31')
        group by threads.month_date, threads.looked_for, members.contender_id
        having count(*) > 1 and list_has_all(threads.looked_for, list(names.name))
    ),

    wanted as (
        select *
        from single
        union all by name
        select month_date, array_to_string(terms, ' or ') as external_name, terms, entity_id
        from families
    ),

    counts as (
        select
            threads.* exclude (looked_for),
            wanted.external_name,
            wanted.entity_id,
            coalesce(sum(source.posts) filter (where list_has_any(source.terms, wanted.terms)), 0) as posts
        from threads
        inner join wanted using (month_date)
        inner join source using (month_date)
        group by all
    ),

    observations as (
        select
            'hn_job_posts' as metric_id,
            'hacker_news' as source_id,
            if(entity_id is null, null, 'contender') as entity_type,
            entity_id,
            external_name,
            'all' as segment,
            'mentions' as basis,
            month_date as period_start,
            (month_date + interval 1 month)::date as period_end,
            1000.0 * posts / all_posts as value,
            posts as numerator,
            all_posts as denominator,
            10 * {{ wilson_bound("posts", "all_posts", "-") }} as low,
            10 * {{ wilson_bound("posts", "all_posts", "+") }} as high,
            'sampling' as interval_kind,
            extract_id,
            landed_at,
            available_at
        from counts
    ),

    final as ({{ select_observations("observations") }})

select *
from final
