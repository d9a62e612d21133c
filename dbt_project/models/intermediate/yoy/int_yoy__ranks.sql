-- Rank of each contender among all contenders counted in the same way in the same year, two or more of them.
-- Overlapping intervals give a range of ranks. Years that are not whole are not ranked, and stocks by what they gained.
with

    contenders as (
        select
            series_id,
            year,
            pairs.metric_id,
            pairs.source_id,
            pairs.basis,
            pairs.segment,
            standing.ranking_low as lowest,
            standing.ranking_high as highest
        from {{ ref("int_yoy__pairs") }} as pairs
        inner join {{ ref("int_yoy__standing") }} as standing using (series_id, year)
        where pairs.entity_type = 'contender' and standing.ranking_low is not null
    ),

    final as (
        select
            me.series_id,
            me.year,
            1 + count(*) filter (other.lowest > me.highest)::integer as rank_low,
            count(*) filter (other.highest >= me.lowest)::integer as rank_high,
            count(*)::integer as contenders_ranked
        from contenders as me
        inner join contenders as other using (year, metric_id, source_id, basis, segment)
        group by all
        having count(*) > 1
    )

select *
from final
