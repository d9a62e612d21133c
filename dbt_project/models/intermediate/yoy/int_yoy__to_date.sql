-- The newest year of a series of which December is not available, against the same months of the year before. Flows and
-- rates take the months that both years hold, shares are divided anew over them, an index is averaged; a stock takes
-- what it gained up to the newest month that both years hold, across no break.
with

    months as (
        select
            months.*,
            year(months.month_date)::integer as year,
            month(months.month_date)::integer as month,
            (months.month_date + interval 1 month)::date as month_end
        from {{ ref("int_months__resolved") }} as months
        where
            months.member = 'primary'
            and months.is_released
            and months.method <> 'bracket'
            and coalesce(months.value, months.low) is not null
    ),

    running as (
        select
            series_id,
            any_value(kind) as kind,
            year(max(month_date))::integer as year,
            max(month_date) as newest_month_date
        from months
        group by series_id
        having month(max(month_date)) < 12
    ),

    pairs as (
        select
            running.series_id,
            running.kind,
            running.year,
            later.month,
            later.month_end,
            earlier.month_date as prior_month_date,
            {% for column in ["value", "numerator", "denominator", "grade"] -%}
                later.{{ column }}, earlier.{{ column }} as prior_{{ column }}{{ "," if not loop.last }}
            {% endfor %}
        from running
        inner join months as later on running.series_id = later.series_id and running.year = later.year
        inner join
            months as earlier
            on running.series_id = earlier.series_id
            and earlier.year = running.year - 1
            and later.month = earlier.month
        where later.instrument is not distinct from earlier.instrument
    ),

    -- two ends of December, and a month that both years hold: the newest that no break has reached
    gains as (
        select
            pairs.series_id,
            pairs.year,
            pairs.month as months_compared,
            pairs.value as level,
            pairs.value - last_year.value as value,
            pairs.prior_value - year_before.value as prior_value,
            year_before.month_date as prior_start_date,
            pairs.month_end as end_date,
            greatest(
                pairs.grade, pairs.prior_grade, last_year.grade, year_before.grade, if(pairs.month >= 9, 'C', 'D')
            ) as grade
        from pairs
        inner join
            months as last_year
            on pairs.series_id = last_year.series_id
            and last_year.month_date = make_date(pairs.year - 1, 12, 1)
        inner join
            months as year_before
            on pairs.series_id = year_before.series_id
            and year_before.month_date = make_date(pairs.year - 2, 12, 1)
        where pairs.kind = 'stock'
    ),

    stocks as (
        select
            series_id,
            year,
            range(1, months_compared + 1)::integer[] as month_numbers,
            level,
            value,
            prior_value,
            grade,
            {{ pace_of("value", "value", "prior_value", "prior_value") }} as direction,
            {{ growth_of_positives("value", "prior_value") }} as change
        from gains
        where
            not exists (
                select 1
                from {{ ref("int_breaks__by_series") }} as breaks
                where
                    breaks.series_id = gains.series_id
                    and breaks.start_date < gains.end_date
                    and breaks.end_date > gains.prior_start_date
            )
        qualify row_number() over (partition by series_id order by months_compared desc) = 1
    ),

    -- shares and indices by the month
    parts as (
        select
            series_id,
            year,
            kind,
            list(month order by month)::integer[] as month_numbers,
            {{ whole_period("value", "denominator", "kind", "month") }} as value,
            {{ whole_period("prior_value", "prior_denominator", "kind", "month") }} as prior_value,
            greatest(max(grade), max(prior_grade), if(count(*) >= 9, 'C', 'D')) as grade
        from pairs
        where
            kind in ('share', 'index')
            and value is not null
            and prior_value is not null
            and not exists (
                select 1
                from {{ ref("int_breaks__by_series") }} as breaks
                where
                    breaks.series_id = pairs.series_id
                    and breaks.start_date < pairs.month_end
                    and breaks.end_date > pairs.prior_month_date
            )
        group by series_id, year, kind
        having count(*) >= 3
    ),

    compared as (
        select
            series_id,
            year,
            common_month_numbers as month_numbers,
            null::double as level,
            common_value as value,
            common_low as low,
            common_high as high,
            common_prior_value as prior_value,
            common_prior_low as prior_low,
            common_prior_high as prior_high,
            yoy_common_pct as change,
            yoy_common_low as change_low,
            yoy_common_high as change_high,
            'percent' as change_unit,
            case move when 1 then 'up' when -1 then 'down' when 0 then 'flat' else 'inconclusive' end as direction,
            common_grade as grade
        from {{ ref("int_yoy__common_months") }}
        union all by name
        select *, 'percent' as change_unit
        from stocks
        union all by name
        select
            * exclude (kind),
            value - prior_value as change,
            if(kind = 'share', 'points', 'index points') as change_unit,
            case sign(value - prior_value) when 1 then 'up' when -1 then 'down' else 'flat' end as direction
        from parts
    ),

    final as (
        select running.newest_month_date, len(compared.month_numbers)::integer as months_compared, compared.*
        from compared
        inner join running using (series_id, year)
    )

select *
from final
