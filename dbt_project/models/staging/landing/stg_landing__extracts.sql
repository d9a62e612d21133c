-- One row per fetch event. Of every scope the newest event that was loaded whole and not withdrawn is current: one with
-- a rejected row does not speak, since that row is known to be there and must not be read as absent. As of a day an
-- event replaces the older ones of its scope from when its publisher released it, or, where that is not known of the
-- whole, from when it was landed; before that it stands beside them, as far as its rows were available. A withdrawal
-- counts on every day: a mistake of ours was never what the publisher said. One that was itself withdrawn is undone.
with

    source as (select * from {{ source("landing", "extracts") }}),

    withdrawn as (
        select distinct retracts as extract_id
        from source
        where kind = 'retracted' and extract_id not in (select retracts from source where retracts is not null)
    ),

    standing as (
        select
            *,
            row_number() over (partition by source_id, scope_key order by landed_at desc, extract_id desc) as recency,
            {{ available_by("coalesce(available_at, landed_at)") }} as is_whole_by_then
        from source
        anti join withdrawn using (extract_id)
        where status = 'loaded' and coalesce(rows_rejected, 0) = 0
    ),

    speaking as (
        select extract_id
        from standing
        where is_whole_by_then or available_at is null
        qualify
            recency
            <= coalesce(min(recency) filter (is_whole_by_then) over (partition by source_id, scope_key), recency)
    ),

    final as (
        select source.*, speaking.extract_id is not null as is_current, withdrawn.extract_id is not null as is_withdrawn
        from source
        left join speaking using (extract_id)
        left join withdrawn using (extract_id)
    )

select *
from final
