-- A figure is released after its period has begun. As of a day only what was released by its end is held, and nothing
-- of which that is not known.
select series_id, period_start, available_at
from {{ ref("fct_observations") }}
where available_at::date < period_start or not {{ available_by("available_at") }}
