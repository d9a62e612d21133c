-- One row per fact: of two extracts that speak of the same one, the one landed later counts.
with

final as (
    select * exclude (claim_rank)
    from {{ ref('int_observations__deduplicated') }}
    where claim_rank = 1
)

select * from final
