-- The shape that the checks on claims read: claims of which nothing was computed.
select
    claim_id, position as claim_position, said_by, said_on, url, text as claim_text, 'not_testable_here' as verdict,
    needs as verdict_reason, remark, null::varchar as reading_id, null::integer as reading_position,
    null::varchar as source_id
from {{ source('catalog', 'claims') }}
