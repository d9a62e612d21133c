{{ config(materialized="table") }}
-- Respondents by edition, country, role and entity: how many there are, answered the question, use anything, and use
-- the entity. A contender's respondents are counted once, from the sets of options they chose. An entity whose option
-- was not offered in an edition has no row there, nor has a contender of which a member was not: not offered is not
-- zero.
with

    option_sets as (select * from {{ edition_rows("kaggle_survey", "option_sets") }}),

    options as (select * from {{ edition_rows("kaggle_survey", "options") }}),

    aliases as (select * from {{ source("catalog", "survey_aliases") }} where source_id = 'kaggle_survey'),

    none_numbers as (
        select options.edition, list(options.option_number) as numbers
        from options
        inner join
            {{ source("catalog", "survey_none_options") }} as none_options
            on options.option_label = none_options.option_label
            and none_options.source_id = 'kaggle_survey'
        group by options.edition
    ),

    named as (
        select options.edition, options.option_number, options.question, names.entity_type, names.entity_id
        from options
        left join aliases on aliases.dimension = 'option' and trim(options.option_label) = aliases.label
        inner join
            {{ source("catalog", "names") }} as names
            on names.namespace = 'kaggle_survey'
            and names.member = 'primary'
            and coalesce(aliases.meaning, trim(options.option_label)) = names.name
    ),

    members as ({{ survey_members("kaggle_survey") }}),

    entity_options as (
        select edition, entity_type, entity_id, list(option_number) as numbers, any_value(question) as question
        from named
        group by all
        union all
        select named.edition, 'contender', members.contender_id, list(named.option_number), any_value(named.question)
        from named
        inner join
            members
            on named.edition = members.edition
            and named.entity_id = members.framework_id
            and named.entity_type = 'framework'
        group by named.edition, members.contender_id, members.members_wanted
        having count(distinct named.entity_id) = members.members_wanted
    ),

    respondents as (
        select
            option_sets.edition,
            coalesce(countries.meaning, option_sets.country) as country,
            coalesce(roles.meaning, option_sets.role) as role,
            option_sets.option_numbers,
            option_sets.respondents,
            len(option_sets.option_numbers) > 0 as is_answering,
            len(
                list_filter(
                    option_sets.option_numbers, lambda n: not coalesce(list_contains(none_numbers.numbers, n), false)
                )
            )
            > 0 as is_using_any,
            option_sets.extract_id,
            option_sets.landed_at,
            option_sets.available_at
        from option_sets
        left join none_numbers using (edition)
        left join aliases as countries on countries.dimension = 'country' and option_sets.country = countries.label
        left join aliases as roles on roles.dimension = 'role' and option_sets.role = roles.label
    ),

    final as (
        select
            respondents.edition,
            respondents.country,
            respondents.role,
            entity_options.entity_type,
            entity_options.entity_id,
            entity_options.question,
            sum(respondents.respondents)::bigint as all_respondents,
            coalesce(sum(respondents.respondents) filter (respondents.is_answering), 0)::bigint as answering,
            coalesce(sum(respondents.respondents) filter (respondents.is_using_any), 0)::bigint as using_any,
            coalesce(
                sum(respondents.respondents) filter (list_has_any(respondents.option_numbers, entity_options.numbers)),
                0
            )::bigint as using_entity,
            any_value(respondents.extract_id) as extract_id,
            max(respondents.landed_at) as landed_at,
            max(respondents.available_at) as available_at
        from respondents
        inner join entity_options using (edition)
        group by all
    )

select *
from final
