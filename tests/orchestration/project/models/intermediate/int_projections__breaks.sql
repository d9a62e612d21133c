-- The shape of the breaks that reach them, without a break.
select null::varchar as series_id, null::varchar as label, null::date as start_date, null::date as end_date
from {{ ref("stg_months") }}
where false
