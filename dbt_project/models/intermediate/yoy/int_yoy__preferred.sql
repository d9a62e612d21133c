-- Which of several ways of counting reports use, chosen twice per metric, entity, segment and year. For a change: first
-- what is comparable (whole years, then common months), then what is complete, then more common months, then the better
-- grade, then the catalog's order. For a level: what is complete, then more months, then the better grade, then the
-- catalog's order. A direction is said only if every way of the preferred source that compares as far moves the same
-- way.
with

    pairs as (
        select
            pairs.*,
            ways.preference,
            coalesce(ways.is_preferable, false) as is_preferable,
            moves.compared_on,
            moves.periods_compared,
            {{ worst_grade(["pairs.grade", "if(pairs.is_comparable, pairs.prior_grade, 'A')"]) }} as change_grade
        from {{ ref("int_yoy__pairs") }} as pairs
        left join {{ ref("int_yoy__moves") }} as moves using (series_id, year)
        left join
            {{ source("catalog", "metric_sources") }} as ways
            on pairs.metric_id = ways.metric_id
            and pairs.source_id = ways.source_id
            and pairs.basis = ways.basis
    ),

    ranked as (
        select
            series_id,
            year,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            segment,
            is_comparable,
            kind,
            value,
            low,
            compared_on,
            periods_compared,
            row_number() over (
                one_figure
                order by
                    is_comparable desc,
                    -- months that both years hold compare as well: they come before a whole year that does not
                    compared_on is not null desc,
                    is_complete desc,
                    coalesce(periods_compared, 0) desc,
                    coalesce(months_held, 0) desc,
                    change_grade,
                    preference
            )
            = 1 as is_preferred,
            row_number() over (one_figure order by is_complete desc, coalesce(months_held, 0) desc, grade, preference)
            = 1 as is_preferred_level
        from pairs
        where is_preferable
        window one_figure as (partition by metric_id, entity_type, entity_id, segment, year)
    ),

    moves as (
        select
            *,
            -- whole years that compare are not outvoted by a few months
            min(list_position(['year', 'common months', 'lower bound'], compared_on)) over one_source
            = list_position(['year', 'common months', 'lower bound'], compared_on) as is_counted
        from {{ ref("int_yoy__moves") }}
        where is_preferable
        window one_source as (partition by metric_id, source_id, entity_type, entity_id, segment, year)
    ),

    directions as (
        select
            metric_id,
            source_id,
            entity_type,
            entity_id,
            segment,
            year,
            {% for column, words in [
                ("move", ["up", "down", "flat"]),
                ("pace_move", ["faster", "slower", "steady"]),
            ] -%}
                case
                    when count({{ column }}) < count(*) or min({{ column }}) <> max({{ column }})
                    then 'inconclusive'
                    when min({{ column }}) = 1
                    then '{{ words[0] }}'
                    when min({{ column }}) = -1
                    then '{{ words[1] }}'
                    else '{{ words[2] }}'
                end as {{ "direction" if column == "move" else "pace" }}{{ "," if not loop.last }}
            {% endfor %}
        from moves
        where is_counted
        group by all
    ),

    final as (
        select
            ranked.series_id,
            ranked.year,
            ranked.is_preferred,
            ranked.is_preferred_level,
            case
                when ranked.value is null and ranked.low is null and ranked.compared_on is null
                then 'no data'
                when ranked.compared_on is null
                then 'not comparable'
                else directions.direction
            end as direction,
            if(ranked.kind = 'stock' and ranked.compared_on is not null, directions.pace, null) as pace,
            ranked.compared_on,
            ranked.periods_compared
        from ranked
        left join directions using (metric_id, source_id, entity_type, entity_id, segment, year)
    )

select *
from final
