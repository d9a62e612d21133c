-- Every entity that is measured: frameworks, contenders, references and markets, with their names.
with

    names as (
        select
            entity_type,
            entity_id,
            list(namespace || ': ' || name || ' (' || member || ')' order by namespace, member, name) as names
        from {{ source("catalog", "names") }}
        group by all
    ),

    members as (
        select
            contender_id,
            list(framework_id order by framework_id) as members,
            string_agg(framework_id || ': ' || reason, '; ' order by framework_id) as membership_reasons
        from {{ source("catalog", "members") }}
        group by all
    ),

    belongs as (select framework_id, contender_id from {{ source("catalog", "members") }}),

    final as (
        select
            entities.entity_type,
            entities.entity_id,
            entities.label,
            entities.role,
            if(entities.entity_type = 'contender', entities.entity_id, belongs.contender_id) as contender_id,
            entities.represented_by,
            coalesce(members.members, []) as members,
            members.membership_reasons,
            coalesce(names.names, []) as names
        from {{ source("catalog", "entities") }} as entities
        left join names using (entity_type, entity_id)
        left join members on entities.entity_type = 'contender' and entities.entity_id = members.contender_id
        left join belongs on entities.entity_type = 'framework' and entities.entity_id = belongs.framework_id
    )

select *
from final
