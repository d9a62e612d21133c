-- A figure can be followed to its bytes, and what was replaced or taken back speaks no more.
select observations.extract_id, count(*) as observations
from {{ ref("fct_observations") }} as observations
left join {{ ref("stg_landing__extracts") }} as extracts using (extract_id)
where extracts.is_current is not true
group by all
