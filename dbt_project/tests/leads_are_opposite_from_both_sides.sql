-- Who leads is said of two contenders, from both sides: where the one leads the other trails, and what is open to the
-- one is open to the other.
select
    one.year,
    one.entity_id,
    one.against_entity_id,
    one.line_kind,
    one.channel,
    one.metric_id,
    one.lead,
    other.lead as other_lead
from {{ ref("rpt_brief") }} as one
inner join
    {{ ref("rpt_brief") }} as other
    on one.year = other.year
    and one.entity_id = other.against_entity_id
    and one.against_entity_id = other.entity_id
    and one.line_kind = other.line_kind
    and one.channel is not distinct from other.channel
    and one.metric_id is not distinct from other.metric_id
where other.lead <> case one.lead when 'leads' then 'trails' when 'trails' then 'leads' else one.lead end
