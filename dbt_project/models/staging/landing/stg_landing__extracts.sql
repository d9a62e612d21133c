-- One row per fetch event. Of every scope the newest event that was loaded and not withdrawn is current.
with

source as (
    select * from {{ source('landing', 'extracts') }}
),

withdrawn as (
    select retracts as extract_id from source where kind = 'retracted'
),

speaking as (
    select extract_id
    from source
    anti join withdrawn using (extract_id)
    where status = 'loaded'
    qualify row_number() over (partition by source_id, scope_key order by landed_at desc, extract_id desc) = 1
),

final as (
    select
        source.*,
        speaking.extract_id is not null as is_current,
        withdrawn.extract_id is not null as is_withdrawn
    from source
    left join speaking using (extract_id)
    left join withdrawn using (extract_id)
)

select * from final
