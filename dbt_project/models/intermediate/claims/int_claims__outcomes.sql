-- Whether each reading supports its claim. A number is held to the range that the words admit; where only bounds are
-- known, both must lie within it, or both on the same side outside. Figures that are a part of what was claimed bound
-- it from below. A statement that something cannot be known fails as soon as it is known. What decides nothing is not
-- comparable (a rule forbids it), inconclusive (its bounds reach across) or without data.
with

    computed as (
        select
            readings.*,
            computed.reading_id is not null as is_held,
            computed.series_id,
            computed.source_id as computed_source_id,
            computed.basis as computed_basis,
            computed.unit,
            computed.value,
            computed.low,
            computed.high,
            computed.interval_kind,
            computed.period_start,
            computed.period_end,
            computed.unknown_answer,
            computed.no_data_reason,
            computed.evidence,
            computed.bias,
            computed.grade,
            computed.grade_reason,
            -- a ratio of a few posts, or a projection, is known within its interval only
            readings.measure in ('months_ratio', 'projected_growth') as is_sampled,
            if(is_sampled, computed.low, coalesce(computed.value, computed.low)) as lowest,
            if(
                readings.is_part and lowest is not null,
                'infinity'::double,
                if(is_sampled, computed.high, coalesce(computed.value, computed.high))
            ) as highest
        from {{ ref("int_claims__readings") }} as readings
        left join {{ ref("int_claims__computed") }} as computed using (claim_id, reading_id)
    ),

    judged as (
        select
            *,
            case
                when not is_held
                then 'no data'
                when lowest is null and highest is null
                then coalesce(unknown_answer, 'no data')
                when form = 'not_known'
                then 'fails'
                when
                    (accepted_low is null or lowest >= accepted_low)
                    and (accepted_high is null or highest <= accepted_high)
                then 'holds'
                when highest < accepted_low or lowest > accepted_high
                then 'fails'
                else 'inconclusive'
            end as outcome
        from computed
    ),

    how as (
        select
            ways.metric_id,
            ways.source_id,
            sources.label || ': ' || sources.how_to_get as how_to_get,
            min(ways.preference) as preference
        from {{ source("catalog", "metric_sources") }} as ways
        inner join {{ source("catalog", "sources") }} as sources using (source_id)
        group by all
    ),

    wanted as (
        select
            judged.claim_id, judged.reading_id, string_agg(how.how_to_get, '; ' order by how.preference) as how_to_get
        from judged
        inner join
            how on judged.metric_id = how.metric_id and (judged.source_id is null or judged.source_id = how.source_id)
        where not judged.is_held
        group by all
    ),

    final as (
        select
            judged.* exclude (
                is_held,
                is_part,
                is_sampled,
                among,
                lowest,
                highest,
                unknown_answer,
                no_data_reason,
                source_id,
                basis,
                computed_source_id,
                computed_basis
            ),
            coalesce(judged.computed_source_id, judged.source_id) as source_id,
            coalesce(judged.computed_basis, judged.basis) as basis,
            if(
                judged.form in ('percent', 'at_least'),
                100.0 * (judged.value - judged.stated) / nullif(judged.stated, 0),
                null
            ) as deviation_pct,
            case
                when judged.outcome <> 'fails' or judged.form = 'not_known'
                then null
                when judged.highest < judged.accepted_low
                then 'below'
                else 'above'
            end as miss,
            case
                when not judged.is_held
                then wanted.how_to_get
                when judged.lowest is null
                then coalesce(judged.no_data_reason, 'not known as a number')
                when judged.outcome = 'inconclusive' and judged.is_part
                then 'what is counted is a part of what was claimed'
                when judged.outcome = 'inconclusive'
                then 'the bounds reach into what the words admit'
            end as outcome_reason
        from judged
        left join wanted using (claim_id, reading_id)
    )

select *
from final
