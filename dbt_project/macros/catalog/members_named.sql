{# The members of each contender that a source has a name for, and from when until when they belong to it: of the others
   it never speaks, so that their coming and going changes nothing in it. #}
{% macro members_named() -%}
    select
        sources.source_id,
        members.contender_id,
        members.framework_id,
        members.is_representative,
        members.valid_from,
        members.valid_until
    from {{ source("catalog", "members") }} as members
    inner join
        {{ source("catalog", "names") }} as names
        on names.entity_type = 'framework'
        and names.member = 'primary'
        and members.framework_id = names.entity_id
    inner join {{ source("catalog", "sources") }} as sources using (namespace)
{%- endmacro %}
