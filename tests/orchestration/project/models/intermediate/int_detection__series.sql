-- The shape that the detector reads, without a series.
select
    null::varchar as series_id,
    null::varchar as metric_id,
    null::varchar as source_id,
    null::varchar as entity_id,
    null::varchar as segment,
    null::varchar as basis,
    null::varchar as family,
    null::date as month_date,
    null::double as value,
    null::timestamp as counted_at,
    null::boolean as is_watched
from {{ ref("stg_months") }}
where false
