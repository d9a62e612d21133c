-- Growth of a stock is what it gained in the year, compared with what it gained in the year before.
with

gains as (
    select series_id, year, value - prior_value as net_additions
    from {{ ref('int_yoy__pairs') }}
    where kind = 'stock' and is_comparable
),

final as (
    select
        gains.series_id,
        gains.year,
        gains.net_additions,
        prior.net_additions as net_additions_prior,
        100.0 * (gains.net_additions - prior.net_additions) / nullif(prior.net_additions, 0) as net_additions_pct
    from gains
    left join gains as prior on gains.series_id = prior.series_id and gains.year = prior.year + 1
)

select * from final
