-- How many channels an entity does not lead, one channel left out, of all or of those that the author looked at. A
-- channel is led if the entity is surely first of two contenders or more in each of its measurable metrics: on the
-- first way of counting, in the catalog's order, that holds two of them, and, of a metric that has parts only, in each
-- part. Channels without data may be led or not, so that the count has bounds. Market context is never counted.
with

    readings as (
        select claim_id, reading_id, entity_type, entity_id, year, without, coalesce(among, []) as among
        from {{ ref("int_claims__readings") }}
        where measure = 'channels_not_led'
    ),

    wanted as (
        select
            readings.claim_id, readings.reading_id, readings.without, metrics.metric_id, metrics.channel, metrics.parts
        from readings
        inner join
            {{ source("catalog", "metrics") }} as metrics
            on metrics.channel <> 'context'
            and (len(readings.among) = 0 or list_contains(readings.among, metrics.metric_id))
    ),

    ranked as (
        select readings.claim_id, readings.reading_id, wanted.without, wanted.channel, years.*
        from readings
        inner join {{ ref("int_yoy__compared") }} as years using (entity_type, entity_id, year)
        inner join wanted using (claim_id, reading_id, metric_id)
        inner join {{ source("catalog", "metric_sources") }} as ways using (metric_id, source_id, basis)
        where ways.is_preferable and years.contenders_ranked > 1 and (years.segment = 'all' or wanted.parts)
        qualify
            row_number() over (
                partition by readings.claim_id, readings.reading_id, years.metric_id, years.segment
                order by ways.preference
            )
            = 1
    ),

    channels as (
        select
            claim_id,
            reading_id,
            channel,
            channel <> without as is_counted,
            bool_and(rank_high = 1) as is_led,
            max(grade) as grade,
            min(period_start) as period_start,
            max(period_end) as period_end
        from ranked
        group by all
    ),

    unmeasured as (
        select
            claim_id,
            reading_id,
            string_agg(distinct channel, ', ' order by channel) as names,
            count(distinct channel) filter (channel <> without) as channels_open
        from wanted
        anti join channels using (claim_id, reading_id, channel)
        group by all
    ),

    counted as (
        select
            claim_id,
            reading_id,
            (count(*) filter (is_counted and not is_led))::double as not_led,
            string_agg(channel, ', ' order by channel) filter (is_led) as led_names,
            string_agg(channel, ', ' order by channel) filter (not is_led) as not_led_names,
            min(period_start) as period_start,
            max(period_end) as period_end,
            max(grade) filter (is_counted) as grade
        from channels
        group by all
    ),

    final as (
        select
            claim_id,
            reading_id,
            null::varchar as series_id,
            null::varchar as metric_id,
            null::varchar as source_id,
            null::varchar as basis,
            'channels' as unit,
            if(coalesce(channels_open, 0) = 0, not_led, null) as value,
            if(channels_open > 0, not_led, null) as low,
            if(channels_open > 0, not_led + channels_open, null) as high,
            if(channels_open > 0, 'bound', null) as interval_kind,
            period_start,
            period_end,
            null::varchar as unknown_answer,
            null::varchar as no_data_reason,
            list_filter(
                ['led: ' || led_names, 'not led: ' || not_led_names, 'no data: ' || names], lambda line:line is not null
            ) as evidence,
            null::varchar as bias,
            grade,
            null::varchar as grade_reason
        from counted
        left join unmeasured using (claim_id, reading_id)
    )

select *
from final
