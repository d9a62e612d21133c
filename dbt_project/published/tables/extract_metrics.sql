-- Lineage: which metrics each landed extract feeds, and with how many facts.
--
-- extract_id: Identity of the extract; see meta.extracts.
-- metric_id: The metric that it feeds.
-- source_id: Identity of the source.
-- basis: How it was counted.
-- observations: How many rows of marts.fct_observations were read from it.
-- first_period_date: First day of the earliest of them.
-- last_period_date: Day after the last day of the latest.
select
    extract_id,
    metric_id,
    source_id,
    basis,
    count(*) as observations,
    min(period_start) as first_period_date,
    max(period_end) as last_period_date
from marts.fct_observations
group by all
