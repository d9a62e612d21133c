{# The frameworks that were members of a contender when an edition was in the field and have a name in the survey, and
   how many of them the contender has: only where all of them were offered can its respondents be counted. #}
{% macro survey_members(source_name) -%}
    select distinct
        editions.edition,
        members.contender_id,
        members.framework_id,
        count(distinct members.framework_id) over (
            partition by editions.edition, members.contender_id
        ) as members_wanted
    from {{ source("catalog", "survey_editions") }} as editions
    inner join
        {{ source("catalog", "members") }} as members
        on editions.fieldwork_start_date >= coalesce(members.valid_from, date '0001-01-01')
        and editions.fieldwork_start_date < coalesce(members.valid_until, date '9999-12-31')
    inner join
        {{ source("catalog", "names") }} as names
        on names.namespace = '{{ source_name }}'
        and names.member = 'primary'
        and names.entity_type = 'framework'
        and members.framework_id = names.entity_id
    where editions.source_id = '{{ source_name }}'
{%- endmacro %}
