select
    yoy.metric_id,
    yoy.entity_type,
    yoy.entity_id,
    yoy.segment,
    yoy.year,
    count(*) filter (yoy.is_preferred) as preferred,
    count(*) filter (yoy.is_preferred and not ways.is_preferable) as never_to_be_preferred
from {{ ref("fct_adoption_yoy") }} as yoy
inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
group by all
having preferred <> bool_or(ways.is_preferable)::integer or never_to_be_preferred > 0
