-- The packages most downloaded in each month, by way of counting: what the baseline is measured on. A list that is
-- shorter than `list_length` leaves nobody out.
with

    ranked as (
        select
            month_date,
            basis,
            package,
            downloads,
            days_held,
            log_month,
            row_number() over (partition by log_month, basis order by downloads desc, package) as position
        from {{ ref("heavy_downloads__bases") }}
        where {{ is_counted_now("log_month") }} and month_date = log_month and downloads > 0
    )

select month_date, basis, package, downloads, cast({{ var("list_length") }} as int) as list_length, days_held, log_month
from ranked
where position <= {{ var("list_length") }}
