-- Every event that the detector found in a monthly series, with what explains it: a known break in series, a period
-- that the publisher does not have, an event in the world, a person who looked into it (the register), or nothing.
with final as (select * from {{ ref("int_anomalies__explained") }}) select * from final
