-- The contenders: what is compared with what, and who stands for each.
--
-- entity_id: Identity of the contender.
-- entity: What people call it.
-- members: The frameworks that are counted in it.
-- represented_by: The member that stands for it where members cannot be combined.
-- membership_reasons: Why each member belongs to it.
-- released: The day from which the public could have it; null where not recorded.
-- is_focus: Whether reports are about it unless told otherwise.
-- is_benchmark: Whether reports compare with it unless told otherwise.
-- names: Under which names each channel knows its representative.
-- first_year: First year of which main.yearly has a row.
-- last_year: Last year of which main.yearly has a row.
select
    entities.entity_id,
    entities.label as entity,
    contenders.members,
    entities.represented_by,
    contenders.membership_reasons,
    entities.released,
    entities.entity_id = review.focus as is_focus,
    entities.entity_id = review.benchmark as is_benchmark,
    coalesce(frameworks.names, []) as names,
    (select min(yearly.year) from yearly where yearly.entity_id = entities.entity_id) as first_year,
    (select max(yearly.year) from yearly where yearly.entity_id = entities.entity_id) as last_year
from meta.entities as entities
cross join meta.review as review
inner join
    marts.dim_entities as contenders
    on contenders.entity_type = 'contender'
    and contenders.entity_id = entities.entity_id
left join
    marts.dim_entities as frameworks
    on frameworks.entity_type = 'framework'
    and frameworks.entity_id = entities.represented_by
where entities.entity_type = 'contender'
