-- Which way each comparable pair of years of one series moved: 1 up, -1 down, 0 not at all, null where it cannot be said,
-- as an interval holds zero. A stock moves as its net additions do.
with

final as (
    select
        pairs.series_id, pairs.year, pairs.metric_id, pairs.source_id, pairs.entity_type, pairs.entity_id, pairs.segment,
        coalesce(ways.is_preferable, false) as is_preferable,
        case
            when pairs.kind = 'stock' then sign(additions.net_additions - additions.net_additions_prior)
            -- bounds on a union say nothing of chance, and rates are made of tiny counts
            when pairs.kind = 'rate' and changes.yoy_interval_kind = 'bound' then null
            when changes.yoy_interval_kind is null then sign(changes.yoy_change)
            when changes.yoy_low > 0 then 1
            when changes.yoy_high < 0 then -1
        end as move
    from {{ ref('int_yoy__pairs') }} as pairs
    inner join {{ ref('int_yoy__changes') }} as changes using (series_id, year)
    left join {{ ref('int_yoy__additions') }} as additions using (series_id, year)
    left join {{ source('catalog', 'metric_sources') }} as ways using (metric_id, source_id, basis)
)

select * from final
