-- The shape that projections read, without a series.
select
    null::varchar as series_id,
    null::varchar as kind,
    null::date as month_date,
    null::double as value,
    null::double as year_total
from {{ ref("stg_months") }}
where false
