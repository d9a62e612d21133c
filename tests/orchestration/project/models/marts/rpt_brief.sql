-- The shape into which sentences are written: a brief without a line.
select year, null::varchar as entity_id, null::varchar as against_entity_id, 1 as line_number, null::varchar as sentence
from (select 2020 as year)
where false
