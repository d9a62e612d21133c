{{ config(materialized="table") }}
-- Respondents of the editions whose respondents could be counted, by dimension (all, country, role), label and entity:
-- how many there are, answered the question, and use the entity. A contender's respondents are counted once. Countries
-- are disjoint; a respondent with several roles is in the cell of each. An entity whose option was not offered has no
-- row, nor has a contender of which a member was not.
with

    option_sets as (select * from {{ edition_rows("stackoverflow_survey", "option_sets") }}),

    offered as (select distinct edition, unnest(option_labels) as label from option_sets),

    named as (
        select offered.edition, offered.label, names.entity_type, names.entity_id
        from offered
        left join
            {{ source("catalog", "survey_aliases") }} as aliases
            on aliases.source_id = 'stackoverflow_survey'
            and aliases.dimension = 'option'
            and offered.label = aliases.label
        inner join
            {{ source("catalog", "names") }} as names
            on names.namespace = 'stackoverflow_survey'
            and names.member = 'primary'
            and coalesce(aliases.meaning, offered.label) = names.name
    ),

    members as ({{ survey_members("stackoverflow_survey") }}),

    entity_options as (
        select edition, entity_type, entity_id, list(distinct label) as labels
        from named
        group by all
        union all
        select named.edition, 'contender', members.contender_id, list(distinct named.label)
        from named
        inner join
            members
            on named.edition = members.edition
            and named.entity_id = members.framework_id
            and named.entity_type = 'framework'
        group by named.edition, members.contender_id, members.members_wanted
        having count(distinct named.entity_id) = members.members_wanted
    ),

    segmented as (
        select 'all' as dimension, '' as label, *
        from option_sets
        union all
        select 'country', country, *
        from option_sets
        union all
        select 'role', unnest(list_distinct(roles)), *
        from option_sets
    ),

    final as (
        select
            segmented.edition,
            segmented.dimension,
            segmented.label,
            entity_options.entity_type,
            entity_options.entity_id,
            sum(segmented.respondents)::bigint as all_respondents,
            coalesce(sum(segmented.respondents) filter (len(segmented.option_labels) > 0), 0)::bigint as answering,
            coalesce(
                sum(segmented.respondents) filter (list_has_any(segmented.option_labels, entity_options.labels)), 0
            )::bigint as using_entity,
            any_value(segmented.extract_id) as extract_id,
            max(segmented.landed_at) as landed_at,
            max(segmented.available_at) as available_at
        from segmented
        inner join entity_options using (edition)
        group by all
    )

select *
from final
