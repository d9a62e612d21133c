-- Of the submissions, and of the submitters, of each calendar year of publication those of one framework; and, of the
-- submissions of one round, as segments. What could not be assigned to a framework may be of any: a share has bounds. A
-- framework is counted from the year in which it first occurs; a later absence is a count of zero.
with

    source as (
        select
            * replace (nullif(framework, '') as framework),
            year(published_on) as year,
            (row_number() over ())::varchar as submission
        from {{ current_rows("mlperf_training", "submissions") }}
    ),

    -- one row per thing that is counted and framework that it used, null where that is not known
    counted as (
        select
            'all' as segment,
            'submissions' as basis,
            make_date(year, 1, 1) as period_start,
            submission as counted_id,
            framework,
            extract_id,
            landed_at,
            available_at
        from source
        union all
        select
            'round=' || round, 'submissions', published_on, submission, framework, extract_id, landed_at, available_at
        from source
        union all
        select distinct
            'all', 'submitters', make_date(year, 1, 1), lower(submitter), framework, extract_id, landed_at, available_at
        from source
    ),

    frameworks as (
        select framework, make_date(min(year), 1, 1) as first_start
        from source
        where framework is not null
        group by framework
    ),

    -- each by itself: side by side, every framework would meet every submission
    periods as (
        select
            segment,
            basis,
            period_start,
            count(distinct counted_id) as total,
            count(distinct counted_id) filter (framework is null) as of_any,
            max(extract_id) as extract_id,
            max(landed_at) as landed_at,
            max(available_at) as available_at
        from counted
        group by all
    ),

    marked as (
        select *, bool_or(framework is null) over (partition by segment, basis, period_start, counted_id) as is_of_any
        from counted
    ),

    assigned as (
        select
            segment,
            basis,
            period_start,
            framework,
            count(distinct counted_id) as assigned,
            count(distinct counted_id) filter (not is_of_any) as assigned_only
        from marked
        where framework is not null
        group by all
    ),

    shares as (
        select
            periods.* exclude (of_any),
            frameworks.framework,
            coalesce(assigned, 0) as assigned,
            of_any + coalesce(assigned_only, 0) as possible
        from periods
        inner join frameworks on periods.period_start >= frameworks.first_start
        left join assigned using (segment, basis, period_start, framework)
    ),

    observations as (
        select
            'mlperf_submissions' as metric_id,
            'mlperf_training' as source_id,
            framework as external_name,
            segment,
            basis,
            period_start,
            if(segment = 'all', (period_start + interval 1 year)::date, period_start + 1) as period_end,
            null as value,
            total as denominator,
            100.0 * assigned / total as low,
            100.0 * possible / total as high,
            'bound' as interval_kind,
            extract_id,
            landed_at,
            available_at
        from shares
    ),

    final as ({{ select_observations("observations") }})

select *
from final
