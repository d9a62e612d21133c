-- Downloads as a share of all downloads, where one basis holds both in the same month.
with

    months as (select * from {{ ref("stg_pypi_tools__months") }} where basis <> 'mixed'),

    wholes as (
        select months.*
        from months
        inner join
            {{ source("catalog", "names") }} as names
            on names.namespace = 'pypi'
            and names.entity_type = 'market'
            and months.external_name = names.name
    ),

    observations as (
        select
            months.* replace (
                'pypi_download_share' as metric_id,
                100.0 * months.value / wholes.value as value,
                months.value as numerator,
                wholes.value as denominator,
                'all packages' as instrument
            )
        from months
        inner join wholes using (basis, period_start)
        where months.external_name <> wholes.external_name and wholes.value > 0
    ),

    final as ({{ select_observations("observations") }})

select *
from final
