{{ config(materialized="table") }}
-- Snapshots whose value is not refused: none that a flag calls wrong, taken from a fallback or counted from an
-- incomplete log, and nothing of a field of which most snapshots are flawed. The number of forks stands still for
-- weeks, so of it only the snapshots of the last week of a year count.
with

    source as (
        select *, string_split(flags, '+') as flaws
        from
            {{
                current_rows(
                    "best_of_ml_python",
                    "snapshots",
                    available_at="snapshot_date::timestamp",
                    key="snapshot_date, project, field",
                )
            }}
    ),

    refused as (
        select distinct project, field
        from {{ current_rows("best_of_ml_python", "trust") }}
        where 2 * snapshots_without_flaw < snapshots
    ),

    final as (
        select
            source.snapshot_date,
            source.project,
            source.field,
            source.counted_id,
            source.value,
            source.extract_id,
            source.landed_at,
            source.available_at
        from source
        anti join refused using (project, field)
        where
            not list_has_any(source.flaws, ['known_wrong', 'fallback', 'log_undercount', 'log_loss_2021_11'])
            and (source.field <> 'fork_count' or (month(source.snapshot_date) = 12 and day(source.snapshot_date) >= 25))
    )

select *
from final
