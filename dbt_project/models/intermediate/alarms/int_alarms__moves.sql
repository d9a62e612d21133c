-- How each series moved from one month to the next, as the logarithm of the ratio of the two daily rates, and on to the
-- months after. A count that fell to nothing moved by -10. Months that are not adjacent are not compared, nor is a
-- month that was counted before it was loaded; counts below 100 in both months are left out, since chance alone moves
-- them by more than an alarm.
with

    candidates as (
        select
            *,
            value / coalesce(days, 1) as rate,
            -- a month must be over when it is counted, and the newest has been loaded some days after its end
            counted_at is null
            or counted_at
            >= month_date
            + interval 1 month
            + if(
                month_date = max(month_date) over (partition by series_id), interval 5 day, interval 0 day
            ) as is_settled
        from {{ ref("int_detection__candidates") }}
        where segment = 'all' and value is not null and coalesce(days, 1) > 0
    ),

    rates as (select * from candidates where is_settled),

    pairs as (
        select
            later.metric_id,
            later.source_id,
            later.basis,
            later.series_id,
            later.entity_id,
            later.month_date,
            earlier.rate as rate_before,
            later.rate,
            next.rate as rate_next,
            second.rate as rate_second
        from rates as later
        inner join
            rates as earlier
            on later.series_id = earlier.series_id
            and later.month_date = earlier.month_date + interval 1 month
        left join
            rates as next on later.series_id = next.series_id and next.month_date = later.month_date + interval 1 month
        left join
            rates as second
            on later.series_id = second.series_id
            and second.month_date = later.month_date + interval 2 month
        where earlier.rate > 0 and (later.days is null or greatest(later.value, earlier.value) >= 100)
    ),

    final as (
        select
            metric_id,
            source_id,
            basis,
            series_id,
            entity_id,
            month_date,
            {{ log_ratio("rate", "rate_before") }} as move,
            {{ log_ratio("rate_next", "rate_before") }} as move_next,
            {{ log_ratio("rate_second", "rate_before") }} as move_second
        from pairs
    )

select *
from final
