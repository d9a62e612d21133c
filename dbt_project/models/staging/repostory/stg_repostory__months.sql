-- Stars, pull requests and issues by month of birth. Stars are those that still stood on the day of fetching.
with

    source as (
        select * from {{ current_rows("repostory", "months", has_available_at=true, key="repository, month_date") }}
    ),

    by_event as (unpivot source on stars, pull_requests, issues into name event value events),

    observations as (
        select
            case
                event
                when 'stars'
                then 'github_new_stars'
                when 'pull_requests'
                then 'github_pull_requests'
                else 'github_issues'
            end as metric_id,
            'repostory' as source_id,
            repository as external_name,
            'all' as segment,
            if(event = 'stars', 'survivors', 'opened') as basis,
            month_date as period_start,
            (month_date + interval 1 month)::date as period_end,
            events as value,
            extract_id,
            landed_at,
            available_at
        from by_event
    ),

    final as ({{ select_observations("observations") }})

select *
from final
