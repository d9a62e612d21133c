-- One row per series and year: the best way of counting that is held.
with

    final as (
        select
            years.*, entities.released, entities.released is null or years.period_end > entities.released as is_released
        from {{ ref("int_years__candidates") }} as years
        left join {{ source("catalog", "entities") }} as entities using (entity_type, entity_id)
        qualify
            row_number() over (partition by years.series_id, years.year order by years.method_rank, years.period_start)
            = 1
    )

select *
from final
