-- How deep a slump would have had to be to be seen: per series and length the smallest depth that would be found in
-- 80 % of its places. A shallower one cannot be excluded.
with

    series as (
        select distinct series_id, metric_id, source_id, entity_type, entity_id, segment, basis
        from {{ ref("int_detection__series") }}
        where is_watched
    ),

    final as (
        select series.*, slumps.window_months, slumps.depth * 100 as smallest_depth_pct
        from {{ source("detection", "minimum_detectable_effects") }} as slumps
        inner join series using (series_id)
    )

select *
from final
