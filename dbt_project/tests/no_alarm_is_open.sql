{{ config(severity="warn") }}
-- Figures that contradict one another, jumps of a whole source, levels that change on one way of counting only, and
-- movements of the whole market. The figures are left out, or directions across them withheld, until `adoption accept`
-- says what they were.
select label, filename, source_id, metric_id, basis, entities, start_date, end_date, value, other_value, alarm_id
from {{ ref("fct_alarms") }}
where status = 'new'
order by start_date desc, alarm_id
