-- What the baseline of a year is measured on where packages are listed by month: those that every month of the year
-- before lists, over the months that a series is compared over. Nobody who is on none of the later lists can have had
-- more than `smallest_value` together: of those that had less before nothing is known, and they are left out.
-- `value` is null where a package is on none of the later lists; where some of them lack it, it had at most their
-- smallest counts.
with

    months as (select * from {{ ref("int_baseline__months") }}),

    lists as (
        select
            metric_id,
            source_id,
            basis,
            month_date,
            max(smallest_downloads) as smallest_downloads,
            bool_or(is_of_all_time) as is_of_all_time
        from months
        group by all
    ),

    pairs as (
        select
            wanted.metric_id,
            wanted.source_id,
            wanted.basis,
            wanted.year,
            wanted.month_numbers,
            earlier.month_date as earlier_month,
            later.month_date as later_month,
            later.smallest_downloads,
            greatest(later.smallest_downloads, earlier.smallest_downloads) as smallest_ever,
            later.is_of_all_time
        from {{ ref("int_baseline__wanted") }} as wanted
        cross join unnest(wanted.month_numbers) as numbers(month_number)
        inner join
            lists as later
            on wanted.metric_id = later.metric_id
            and wanted.source_id = later.source_id
            and wanted.basis = later.basis
            and later.month_date = make_date(wanted.year, numbers.month_number, 1)
        inner join
            lists as earlier
            on wanted.metric_id = earlier.metric_id
            and wanted.source_id = earlier.source_id
            and wanted.basis = earlier.basis
            and earlier.month_date = make_date(wanted.year - 1, numbers.month_number, 1)
    ),

    spans as (
        select
            metric_id,
            source_id,
            basis,
            year,
            month_numbers,
            bool_or(is_of_all_time) as is_of_all_time,
            -- the last of a list of all time is not alone with its total
            if(bool_or(is_of_all_time), max(smallest_ever) + 1, sum(smallest_downloads)) as smallest_value
        from pairs
        group by all
        having count(*) = len(month_numbers) and count(*) >= 3
    ),

    earlier as (
        select
            pairs.metric_id,
            pairs.source_id,
            pairs.basis,
            pairs.year,
            pairs.month_numbers,
            months.external_name,
            sum(months.downloads) as prior_value
        from pairs
        inner join
            months
            on pairs.metric_id = months.metric_id
            and pairs.source_id = months.source_id
            and pairs.basis = months.basis
            and pairs.earlier_month = months.month_date
        group by all
        having count(*) = len(pairs.month_numbers)
    ),

    later as (
        select
            pairs.metric_id,
            pairs.source_id,
            pairs.basis,
            pairs.year,
            pairs.month_numbers,
            months.external_name,
            sum(months.downloads) as downloads,
            sum(pairs.smallest_downloads) as smallest_where_listed
        from pairs
        inner join
            months
            on pairs.metric_id = months.metric_id
            and pairs.source_id = months.source_id
            and pairs.basis = months.basis
            and pairs.later_month = months.month_date
        group by all
    ),

    final as (
        select
            earlier.metric_id,
            earlier.source_id,
            earlier.basis,
            earlier.year,
            earlier.month_numbers,
            earlier.external_name,
            earlier.prior_value,
            later.downloads + if(spans.is_of_all_time, 0, spans.smallest_value - later.smallest_where_listed) as value,
            spans.smallest_value
        from earlier
        inner join spans using (metric_id, source_id, basis, year, month_numbers)
        left join later using (metric_id, source_id, basis, year, month_numbers, external_name)
        where earlier.prior_value > 0 and earlier.prior_value >= spans.smallest_value
    )

select *
from final
