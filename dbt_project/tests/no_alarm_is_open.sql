{{ config(severity='warn') }}
-- Jumps of a whole source, levels that changed on one way of counting only, and movements of the whole market that no
-- break, event or entry of the register explains. Directions across them are withheld until somebody says what they were.
select id, label, start, "end", sources, bases, metrics, entities
from {{ ref('int_breaks__alarms') }}
