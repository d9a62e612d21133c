-- Whether each reading bears its claim out. A number is held to the range that the words admit; where only bounds are
-- known, both must lie within it, or both on the same side outside. A statement that something cannot be known fails
-- as soon as it is known.
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
        computed.unknown_reason,
        computed.evidence,
        computed.bias,
        computed.grade,
        computed.grade_reason,
        coalesce(computed.value, computed.low) as lowest,
        coalesce(computed.value, computed.high) as highest
    from {{ ref('int_claims__readings') }} as readings
    left join {{ ref('int_claims__computed') }} as computed using (claim_id, reading_id)
),

judged as (
    select
        *,
        case
            when not is_held then 'not held'
            when lowest is null and highest is null then 'cannot be said'
            when form = 'not_known' then 'fails'
            when (accepted_low is null or lowest >= accepted_low) and (accepted_high is null or highest <= accepted_high) then 'holds'
            when highest < accepted_low or lowest > accepted_high then 'fails'
            else 'cannot be said'
        end as outcome
    from computed
),

how as (
    select ways.metric_id, ways.source_id, sources.label || ': ' || sources.how_to_get as how_to_get, min(ways.preference) as preference
    from {{ source('catalog', 'metric_sources') }} as ways
    inner join {{ source('catalog', 'sources') }} as sources using (source_id)
    group by all
),

wanted as (
    select judged.claim_id, judged.reading_id, string_agg(how.how_to_get, '; ' order by how.preference) as how_to_get
    from judged
    inner join how on judged.metric_id = how.metric_id and (judged.source_id is null or judged.source_id = how.source_id)
    where judged.outcome = 'not held'
    group by all
),

final as (
    select
        judged.* exclude (is_held, lowest, highest, unknown_reason, source_id, basis, computed_source_id, computed_basis),
        coalesce(judged.computed_source_id, judged.source_id) as source_id,
        coalesce(judged.computed_basis, judged.basis) as basis,
        if(judged.form in ('percent', 'at_least'), 100.0 * (judged.value - judged.stated) / nullif(judged.stated, 0), null) as deviation_pct,
        case
            when judged.outcome <> 'fails' or judged.form = 'not_known' then null
            when judged.highest < judged.accepted_low then 'below'
            else 'above'
        end as miss,
        case
            when judged.outcome = 'not held' then wanted.how_to_get
            when judged.outcome = 'cannot be said'
                then coalesce(judged.unknown_reason, if(judged.lowest is null, 'not known as a number', 'the bounds reach into what the words admit'))
        end as outcome_reason
    from judged
    left join wanted using (claim_id, reading_id)
)

select * from final
