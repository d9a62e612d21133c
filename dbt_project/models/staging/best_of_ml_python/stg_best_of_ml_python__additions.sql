-- Commits and conda downloads by month and by year, as differences of a total: between the last snapshots within seven
-- days before the ends of two months, or of two Decembers. Nothing is formed across a day on which the total fell.
with

    totals as (
        select *, date_trunc('month', snapshot_date)::date as month_date
        from {{ ref("stg_best_of_ml_python__accepted") }}
        where field in ('commit_count', 'conda_total_downloads')
    ),

    falls as (
        select project, field, snapshot_date
        from totals
        qualify value < lag(value) over (partition by project, field order by snapshot_date)
    ),

    month_ends as (
        select *
        from totals
        where month_date + interval 1 month - snapshot_date <= interval 7 days
        qualify row_number() over (partition by project, field, month_date order by snapshot_date desc) = 1
    ),

    spans as (
        select later.*, earlier.snapshot_date as earlier_date, later.value - earlier.value as added
        from month_ends as later
        inner join
            month_ends as earlier
            on later.project = earlier.project
            and later.field = earlier.field
            and (
                later.month_date = earlier.month_date + interval 1 month
                or (later.month_date = earlier.month_date + interval 1 year and month(later.month_date) = 12)
            )
    ),

    whole as (
        select spans.*
        from spans
        left join
            falls
            on spans.project = falls.project
            and spans.field = falls.field
            and falls.snapshot_date > spans.earlier_date
            and falls.snapshot_date <= spans.snapshot_date
        where falls.snapshot_date is null
    ),

    observations as (
        select
            if(field = 'commit_count', 'github_commits', 'conda_downloads') as metric_id,
            'best_of_ml_python' as source_id,
            -- a channel lists a project under the package's name, which may be another one
            if(field = 'commit_count', project, regexp_replace(counted_id, '^.*/', '')) as external_name,
            'all' as segment,
            case
                when field = 'commit_count'
                then 'all_commits'
                when starts_with(counted_id, 'conda-forge/')
                then 'conda_forge'
                else 'own_channel'
            end as basis,
            earlier_date as period_start,
            snapshot_date as period_end,
            added as value,
            extract_id,
            landed_at,
            available_at
        from whole
    ),

    final as ({{ select_observations("observations") }})

select *
from final
