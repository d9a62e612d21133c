-- Growth over the months that both years hold, where nothing but missing months stands between them. It is what can be said of a year
-- that lacks months; censored months are left out.
with

pairs as (
    select series_id, year
    from {{ ref('int_yoy__pairs') }}
    where has_prior and is_same_measure and kind = 'flow'
),

months as (
    select series_id, year(month_date)::integer as year, month(month_date) as month, value
    from {{ ref('int_months__resolved') }}
    where value is not null
),

final as (
    select
        pairs.series_id,
        pairs.year,
        count(*)::integer as common_months,
        list(current_year.month order by current_year.month)::integer[] as common_month_numbers,
        -- in the order of the months, so that the last digit does not depend on the build
        100.0 * (
            sum(current_year.value order by current_year.month) / nullif(sum(prior.value order by prior.month), 0) - 1
        ) as yoy_common_pct
    from pairs
    inner join months as current_year using (series_id, year)
    inner join months as prior
        on current_year.series_id = prior.series_id and current_year.year = prior.year + 1 and current_year.month = prior.month
    group by all
)

select * from final
