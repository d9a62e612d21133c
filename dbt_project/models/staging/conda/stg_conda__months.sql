-- Conda downloads by calendar month: of all channels together, and of the two large ones. Channels of test and nightly
-- builds are no way by which people install.
with

    source as (
        select *
        from {{ current_rows("conda", "months") }} as loaded
        where not regexp_matches(channel, '-(test|nightly)$')
    ),

    by_basis as (
        select 'all_channels' as basis, *
        from source
        union all
        select replace(channel, '-', '_') as basis, *
        from source
        where channel in ('anaconda', 'conda-forge')
    ),

    observations as (
        select
            'conda_downloads' as metric_id,
            'conda' as source_id,
            package as external_name,
            'all' as segment,
            basis,
            month_date as period_start,
            (month_date + interval 1 month)::date as period_end,
            sum(downloads) as value,
            extract_id,
            landed_at,
            available_at
        from by_basis
        group by all
    ),

    final as ({{ select_observations("observations") }})

select *
from final
