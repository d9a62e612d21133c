-- How many channels an entity does not lead, one channel left out. A channel is led if the entity is surely first of
-- two contenders or more in each of its measurable metrics: on the first way of counting, in the catalog's order, that
-- holds two of them, and, of a metric that has parts only, in each part. Market context is never counted.
with

readings as (
    select claim_id, reading_id, entity_type, entity_id, year, without
    from {{ ref('int_claims__readings') }}
    where measure = 'channels_not_led'
),

ranked as (
    select readings.claim_id, readings.reading_id, readings.without, metrics.channel, years.*
    from readings
    inner join {{ ref('fct_adoption_yoy') }} as years using (entity_type, entity_id, year)
    inner join {{ source('catalog', 'metrics') }} as metrics using (metric_id)
    inner join {{ source('catalog', 'metric_sources') }} as ways using (metric_id, source_id, basis)
    where metrics.channel <> 'context' and ways.is_preferable and years.contenders_ranked > 1
        and (years.segment = 'all' or metrics.parts)
    qualify row_number() over (
        partition by readings.claim_id, readings.reading_id, years.metric_id, years.segment order by ways.preference
    ) = 1
),

channels as (
    select
        claim_id, reading_id, channel, channel <> without as is_counted, bool_and(rank_high = 1) as is_led,
        max(grade) as grade, min(period_start) as period_start, max(period_end) as period_end
    from ranked
    group by all
),

unmeasured as (
    select readings.claim_id, readings.reading_id, string_agg(distinct metrics.channel, ', ' order by metrics.channel) as names
    from readings
    cross join {{ source('catalog', 'metrics') }} as metrics
    anti join channels
        on readings.claim_id = channels.claim_id and readings.reading_id = channels.reading_id
        and metrics.channel = channels.channel
    where metrics.channel <> 'context'
    group by all
),

final as (
    select
        channels.claim_id, channels.reading_id, null::varchar as series_id, null::varchar as metric_id, null::varchar as source_id,
        null::varchar as basis, 'channels' as unit,
        (count(*) filter (is_counted and not is_led))::double as value, null::double as low, null::double as high,
        null::varchar as interval_kind, min(period_start) as period_start, max(period_end) as period_end,
        null::varchar as unknown_reason,
        list_filter([
            'led: ' || string_agg(channel, ', ' order by channel) filter (is_led),
            'not led: ' || string_agg(channel, ', ' order by channel) filter (not is_led),
            'not measured: ' || any_value(unmeasured.names)
        ], lambda line: line is not null) as evidence,
        null::varchar as bias, max(channels.grade) filter (is_counted) as grade, null::varchar as grade_reason
    from channels
    left join unmeasured using (claim_id, reading_id)
    group by channels.claim_id, channels.reading_id
)

select * from final
