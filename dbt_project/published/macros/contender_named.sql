-- The contender that a name means: its id. A member means its contender. An unknown name is an error that lists the
-- known ones.
--
-- name: an id or a label, in any case
-- returns: an entity_id of meta.entities
-- example: select contender_named({focus})
create macro contender_named(name) as coalesce(
    (
        select first(entities.entity_id order by entities.entity_id)
        from meta.entities as entities
        where
            entities.entity_type = 'contender'
            and lower(trim(name::varchar)) in (lower(entities.entity_id), lower(entities.label))
    ),
    (
        select first(members.contender_id order by members.contender_id)
        from meta.members as members
        inner join
            meta.entities as entities
            on entities.entity_type = 'framework'
            and members.framework_id = entities.entity_id
        where lower(trim(name::varchar)) in (lower(entities.entity_id), lower(entities.label))
    ),
    error(
        'No contender is called ' || coalesce('"' || name::varchar || '"', 'null') || (
            select '. Known are ' || string_agg(entities.entity_id, ', ' order by entities.entity_id)
            from meta.entities as entities
            where entities.entity_type = 'contender'
        )
    )
)
