-- The shape that the checks on anomalies read.
select
    series_id, kind, start_date, end_date, depth as depth_pct, shortfall_months, has_recovered, scope, series_id as metric_id,
    series_id as entity_id, 'unexplained' as explanation_kind, null::varchar as explanation
from {{ source('detection', 'detected_events') }}
