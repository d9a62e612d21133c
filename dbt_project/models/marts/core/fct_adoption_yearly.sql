-- One row per series and calendar year that is held, headline members only, complete or not.
with

    final as (
        select
            years.* exclude (method_rank, member, months, tolerance_pct, released, is_released),
            coalesce(preferred.is_preferred_level, false) as is_preferred
        from {{ ref("int_years__resolved") }} as years
        left join {{ ref("int_yoy__preferred") }} as preferred using (series_id, year)
        where years.member = 'primary'
    )

select *
from final
