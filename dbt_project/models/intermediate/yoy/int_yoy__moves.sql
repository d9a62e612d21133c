-- Which way each pair of years of one series moved: 1 up, -1 down, 0 not at all, null where an interval holds zero or
-- the change is no more than the method moves by itself. Two whole years that compare are taken; else the months that
-- both hold, three or more; else the part of a year that alone exceeds the year before: `compared_on` says which. A
-- stock moves by what it gained, and `pace` says whether it gained faster than in the year before.
with

    moved as (
        select
            pairs.series_id,
            pairs.year,
            pairs.metric_id,
            pairs.source_id,
            pairs.entity_type,
            pairs.entity_id,
            pairs.segment,
            coalesce(ways.is_preferable, false) as is_preferable,
            additions.pace,
            case
                when pairs.kind = 'stock'
                then if(additions.year is null, null, 'year')
                when pairs.is_comparable
                then 'year'
                when common.common_months is not null
                then 'common months'
                when bounds.yoy_at_least_pct is not null
                then 'lower bound'
            end as compared_on,
            case
                when pairs.kind = 'stock'
                then
                    {{
                        move_of(
                            "additions.net_additions", "additions.net_additions_low", "additions.net_additions_high"
                        )
                    }}
                when not pairs.is_comparable
                then coalesce(common.move, if(bounds.yoy_at_least_pct > 0, 1, null))
                when changes.worst_low is not null or changes.worst_high is not null
                then
                    {{
                        move_beyond(
                            "null",
                            "changes.worst_low",
                            "changes.worst_high",
                            "coalesce(pairs.change_tolerance_pct, 0)",
                        )
                    }}
                -- of a bound with an open end and no worst one nothing is known
                when changes.yoy_change is null
                then null
                when pairs.kind = 'share'
                then {{ move_beyond("changes.yoy_change", "changes.yoy_low", "changes.yoy_high", "0") }}
                else
                    {{
                        move_beyond(
                            "coalesce(changes.yoy_pct, changes.yoy_change)",
                            "changes.yoy_low",
                            "changes.yoy_high",
                            "coalesce(pairs.change_tolerance_pct, 0)",
                        )
                    }}
            end as move,
            case
                when pairs.kind in ('stock', 'share')
                then null
                when pairs.is_comparable
                then 12
                else common.common_months
            end as periods
        from {{ ref("int_yoy__pairs") }} as pairs
        left join {{ ref("int_yoy__changes") }} as changes using (series_id, year)
        left join {{ ref("int_yoy__additions") }} as additions using (series_id, year)
        left join {{ ref("int_yoy__common_months") }} as common using (series_id, year)
        left join {{ ref("int_yoy__lower_bounds") }} as bounds using (series_id, year)
        left join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
    ),

    final as (
        select
            * exclude (periods),
            if(compared_on = 'lower bound', null, periods)::integer as periods_compared,
            case when pace = 'faster' then 1 when pace = 'slower' then -1 when pace = 'steady' then 0 end as pace_move
        from moved
        where compared_on is not null
    )

select *
from final
