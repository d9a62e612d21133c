-- The entity that a name means: its type and id. An unknown name is an error that lists the known ones.
--
-- name: an id or a label, in any case, without the blanks around it; of a contender and a framework, the contender
-- returns: a struct of entity_type and entity_id
-- example: select entity_named({focus})
create macro entity_named(name) as coalesce(
    (
        select first(
            {'entity_type': entities.entity_type, 'entity_id': entities.entity_id}
            order by list_position(['contender', 'framework', 'reference', 'market'], entities.entity_type)
        )
        from meta.entities as entities
        where lower(trim(name::varchar)) in (lower(entities.entity_id), lower(entities.label))
    ),
    error(
        'No entity is called ' || coalesce('"' || name::varchar || '"', 'null') || (
            select
                coalesce(
                    '; did you mean '
                    || arg_max(
                        entities.entity_id, jaro_winkler_similarity(lower(trim(name::varchar)), entities.entity_id)
                    )
                    filter (jaro_winkler_similarity(lower(trim(name::varchar)), entities.entity_id) > 0.8) || '?', '.'
                )
                || ' Known are ' || string_agg(distinct entities.entity_id, ', ' order by entities.entity_id)
            from meta.entities as entities
        )
    )
)
