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

    shares as (
        select
            counted.segment,
            counted.basis,
            counted.period_start,
            frameworks.framework,
            count(distinct counted.counted_id) filter (counted.framework = frameworks.framework) as assigned,
            count(distinct counted.counted_id) filter (
                coalesce(counted.framework, frameworks.framework) = frameworks.framework
            ) as possible,
            count(distinct counted.counted_id) as total,
            max(counted.extract_id) as extract_id,
            max(counted.landed_at) as landed_at,
            max(counted.available_at) as available_at
        from counted
        inner join frameworks on counted.period_start >= frameworks.first_start
        group by all
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
