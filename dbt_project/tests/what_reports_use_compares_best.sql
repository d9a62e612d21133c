-- No other way of counting that reports may use compares better than the one that they use: comparable, whole
-- years before common months, then whole, then more periods, more months, the better grade, the catalog's order.
with

    places as (
        select
            yoy.*,
            row(
                yoy.is_comparable,
                yoy.compared_on is not null,
                yoy.is_complete,
                coalesce(yoy.periods_compared, 0),
                coalesce(yoy.months_held, 0),
                - ascii(yoy.change_grade),
                - ways.preference
            ) as place
        from {{ ref("fct_adoption_yoy") }} as yoy
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
        where ways.is_preferable
    )

select chosen.series_id, chosen.year, other.series_id as better_series_id
from places as chosen
inner join places as other using (metric_id, entity_type, entity_id, segment, year)
where chosen.is_preferred and other.place > chosen.place
