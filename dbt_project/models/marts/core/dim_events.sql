-- Things that happened in the world and may explain a movement.
with

    final as (
        select
            id as event_id,
            label,
            start as start_date,
            "end" as end_date,
            metrics,
            entities,
            sign,
            lag_months,
            reason,
            evidence
        from {{ source("catalog", "events") }}
    )

select *
from final
