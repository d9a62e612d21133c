-- The shape that the checks on anomalies read.
select
    series_id,
    kind,
    start_date,
    end_date,
    -100 * depth as change_pct,
    shortfall_months,
    has_recovered,
    scope,
    series_id as metric_id,
    's' as source_id,
    'b' as basis,
    true as is_watched,
    series_id as entity_id,
    'unexplained' as explanation_kind,
    null::varchar as explanation
from {{ source("detection", "detected_events") }}
