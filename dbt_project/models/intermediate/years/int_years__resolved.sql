-- One row per series and year: the best way of counting that is held.
with

final as (
    select *
    from {{ ref('int_years__candidates') }}
    qualify row_number() over (partition by series_id, year order by method_rank, period_start) = 1
)

select * from final
