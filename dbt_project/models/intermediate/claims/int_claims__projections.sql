-- What a year was to come to before it began, against the year before: the projection from all that was held at its
-- end, with its 80 % interval. It is no count of the year: the interval decides, and it can be no more than a proxy.
with

    readings as (select * from {{ ref("int_claims__readings") }} where measure = 'projected_growth'),

    prior as (
        select series_id, year, value
        from {{ ref("int_years__resolved") }}
        where kind = 'flow' and is_complete
        union all by name
        select series_id, year, net_additions as value
        from {{ ref("int_yoy__additions") }}
    ),

    series as (
        select distinct series_id, metric_id, source_id, basis, entity_type, entity_id, segment, kind, unit
        from {{ ref("int_years__resolved") }}
        where member = 'primary' and kind in ('flow', 'stock')
    ),

    final as (
        select
            readings.claim_id,
            readings.reading_id,
            series.series_id,
            series.metric_id,
            series.source_id,
            series.basis,
            'percent' as unit,
            {% for side in ["value", "low", "high"] -%}
                round({{ growth_of_positives("tested." ~ side, "prior.value") }}, 6) as {{ side }},
            {% endfor -%}
            'projection' as interval_kind,
            make_date(readings.year, 1, 1) as period_start,
            make_date(readings.year + 1, 1, 1) as period_end,
            case when tested.series_id is null or prior.value is null then 'no data' end as unknown_answer,
            case
                when tested.series_id is null
                then
                    'nothing could be projected before '
                    || readings.year
                    || ': a break in series, or too little history'
                when prior.value is null
                then (readings.year - 1) || ' is not held as a whole'
            end as no_data_reason,
            list_filter(
                [
                    'projected for '
                    || readings.year
                    || ': '
                    || {{ figure("tested.value") }}
                    || ', 80 % interval '
                    || {{ figure("tested.low") }}
                    || ' to '
                    || {{ figure("tested.high") }},
                    (readings.year - 1) || ': ' || {{ figure("prior.value") }},
                    readings.year || ' came to ' || {{ figure("tested.actual") }}
                ],
                lambda line: not contains(line, 'not known')
            ) as evidence,
            'C' as grade,
            'projected' as grade_reason
        from readings
        inner join series using (metric_id, entity_type, entity_id, segment)
        left join
            {{ source("projection", "tested_years") }} as tested
            on series.series_id = tested.series_id
            and readings.year = tested.year
            and len(tested.missing_months) = 12
        left join prior on series.series_id = prior.series_id and readings.year - 1 = prior.year
        where
            (readings.source_id is null or readings.source_id = series.source_id)
            and (readings.basis is null or readings.basis = series.basis)
    )

select *
from final
