-- One row per series and month that is held, headline members only.
with

final as (
    select * exclude (landed_at, window_start_date, window_end_date, window_value)
    from {{ ref('int_months__resolved') }}
    where member = 'primary'
)

select * from final
