{{ config(severity='warn') }}
-- Control totals of years that are over, and one figure of each series, beside what was there when a person reviewed them.
-- What was restated on purpose is reviewed by `adoption accept --controls`.
select check_id, source_id, metric_id, basis, entity_id, start_date, value, other_value, figures, other_figures
from {{ ref('int_guards__controls') }}
order by all
