-- Commits by month and way of counting, within each extract. A month without commits between a repository's first and last
-- is zero; the last month is left out, since the history was cloned before it ended.
with

source as (
    select * from {{ current_rows('git_history', 'months') }}
),

spans as (
    select
        repository, extract_id, any_value(landed_at) as landed_at, any_value(available_at) as available_at,
        unnest(generate_series(min(month_date), max(month_date) - interval 1 month, interval 1 month))::date as month_date
    from source
    group by repository, extract_id
),

filled as (
    select
        spans.repository, spans.month_date, spans.extract_id, spans.landed_at, spans.available_at,
        coalesce(source.all_commits, 0) as all_commits, coalesce(source.first_parent_commits, 0) as first_parent
    from spans
    left join source using (extract_id, repository, month_date)
),

by_basis as (
    unpivot filled on all_commits, first_parent into name basis value commits
),

observations as (
    select
        'github_commits' as metric_id,
        'git_history' as source_id,
        repository as external_name,
        'all' as segment,
        basis,
        month_date as period_start,
        (month_date + interval 1 month)::date as period_end,
        commits as value,
        extract_id,
        landed_at,
        available_at
    from by_basis
),

final as (
    {{ select_observations('observations') }}
)

select * from final
