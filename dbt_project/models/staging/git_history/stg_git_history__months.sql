-- Commits by month and way of counting, within each extract. A month without commits between a repository's first and
-- last is zero; the last month is left out, since the history was cloned before it ended. A few commits that lie more
-- than a year before all others are of clocks that were wrong, or of another age: a history begins after them.
with

    held as (select * from {{ current_rows("git_history", "months") }}),

    -- stretches of months with less than a year between one and the next, and how many commits each has
    stretches as (
        select
            *,
            count(*) filter (gap_months > 12) over (
                partition by repository, extract_id order by month_date rows unbounded preceding
            ) as stretch
        from
            (
                select
                    *,
                    datediff(
                        'month',
                        lag(month_date) over (partition by repository, extract_id order by month_date),
                        month_date
                    ) as gap_months
                from held
            ) as with_gaps
    ),

    sizes as (select repository, extract_id, stretch, sum(all_commits) as commits from stretches group by all),

    begun as (
        select sizes.repository, sizes.extract_id, min(sizes.stretch) as first_stretch
        from sizes
        inner join
            (select repository, extract_id, sum(commits) as commits from sizes group by all) as histories using (
                repository, extract_id
            )
        where sizes.commits > greatest(3, histories.commits / 1000)
        group by all
    ),

    source as (
        select stretches.* exclude (gap_months, stretch)
        from stretches
        left join begun using (repository, extract_id)
        where stretches.stretch >= coalesce(begun.first_stretch, 0)
    ),

    spans as (
        select
            repository,
            extract_id,
            any_value(landed_at) as landed_at,
            any_value(available_at) as available_at,
            unnest(generate_series(min(month_date), max(month_date) - interval 1 month, interval 1 month))::date
            as month_date
        from source
        group by repository, extract_id
    ),

    filled as (
        select
            spans.repository,
            spans.month_date,
            spans.extract_id,
            spans.landed_at,
            spans.available_at,
            coalesce(source.all_commits, 0) as all_commits,
            coalesce(source.first_parent_commits, 0) as first_parent
        from spans
        left join source using (extract_id, repository, month_date)
    ),

    by_basis as (unpivot filled on all_commits, first_parent into name basis value commits),

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

    final as ({{ select_observations("observations") }})

select *
from final
