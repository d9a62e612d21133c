-- How a year that is not over will end, or one that is over and lacks at most three months: an 80 % interval from what
-- is held of one series per contender and metric, or the reason why there is none. A projection is no count: it is
-- graded C at best, and nothing adds it to one. Nothing is projected across a break in the year or an alarm that nobody
-- has reviewed.
with

    series as (
        select
            series_id,
            metric_id,
            source_id,
            entity_type,
            entity_id,
            segment,
            basis,
            kind,
            unit,
            year(month_date)::integer as year,
            max(month_date) as newest_month_date,
            max(grade) as grade
        from {{ ref("int_months__resolved") }}
        where member = 'primary' and value is not null
        group by all
    ),

    alarms as (
        select by_series.series_id, by_series.label, by_series.start_date, by_series.end_date
        from {{ ref("int_breaks__by_series") }} as by_series
        inner join {{ ref("int_breaks__all") }} as alarms on by_series.break_id = alarms.id
        where alarms.check_id is not null
    ),

    -- a projection looks back four years before the newest month
    reasons as (
        select
            projected.series_id,
            projected.year,
            {{
                join_reasons(
                    [
                        "any_value(projected.withheld_because)",
                        "'an alarm: ' || any_value(alarms.label order by alarms.start_date)",
                    ]
                )
            }} as withheld_because
        from {{ source("projection", "projected_years") }} as projected
        left join
            alarms
            on projected.series_id = alarms.series_id
            and alarms.start_date < make_date(projected.year + 1, 1, 1)
            and alarms.end_date > make_date(projected.year - 3, 1, 1)
        group by projected.series_id, projected.year
    ),

    broken as (
        select distinct projected.series_id, projected.year
        from {{ source("projection", "projected_years") }} as projected
        inner join
            {{ ref("int_breaks__by_series") }} as breaks
            on projected.series_id = breaks.series_id
            and breaks.start_date < make_date(projected.year + 1, 1, 1)
            and breaks.end_date > make_date(projected.year - 1, 1, 1)
    ),

    -- the year before, where the whole of it is held and no break lies between
    prior as (
        select series_id, year + 1 as year, value
        from {{ ref("int_years__resolved") }}
        where kind = 'flow' and is_complete
        union all by name
        select series_id, year + 1 as year, net_additions as value
        from {{ ref("int_yoy__additions") }}
    ),

    final as (
        select
            series.series_id,
            series.metric_id,
            series.source_id,
            series.entity_type,
            series.entity_id,
            series.segment,
            series.basis,
            series.kind,
            series.unit,
            series.year,
            series.newest_month_date,
            (12 - len(projected.missing_months))::integer as months_held,
            projected.missing_months,
            projected.to_date,
            if(reasons.withheld_because is null, projected.value, null) as projected_value,
            if(reasons.withheld_because is null, projected.low, null) as projected_low,
            if(reasons.withheld_because is null, projected.high, null) as projected_high,
            if(broken.series_id is null, prior.value, null) as projected_prior_value,
            {% for side in ["value", "low", "high"] -%}
                round(
                    {{ growth_of_positives("projected_" ~ side, "projected_prior_value") }}, 1
                ) as projected_{{ {"value": "growth_pct", "low": "growth_low", "high": "growth_high"}[side] }},
            {% endfor -%}
            projected.history_months,
            projected.years_tested,
            projected.years_covered,
            projected.p_value,
            reasons.withheld_because,
            if(
                reasons.withheld_because is null,
                greatest('C', series.grade, if(projected.years_tested < 3, 'D', 'C')),
                null
            ) as grade
        from {{ source("projection", "projected_years") }} as projected
        inner join series using (series_id, year)
        inner join {{ ref("int_months__preferred") }} using (series_id, year)
        inner join reasons using (series_id, year)
        left join broken using (series_id, year)
        left join prior using (series_id, year)
    )

select *
from final
