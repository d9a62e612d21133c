-- A metric, source and basis that the catalog does not list would be shown without a preference or a caveat.
select observations.metric_id, observations.source_id, observations.basis, count(*) as observations
from {{ ref("fct_observations") }} as observations
anti join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
group by all
