-- One row per series and calendar year that is held, headline members only, complete or not.
with

final as (
    select * exclude (method_rank, member, months)
    from {{ ref('int_years__resolved') }}
    where member = 'primary'
)

select * from final
