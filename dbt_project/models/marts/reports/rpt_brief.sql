-- One page of sentences: for a year and two contenders the channels counted, then each channel, and under a channel of
-- several metrics each of them. Every number and verdict of a sentence is a column of its row.
with

metrics as (
    select * from {{ ref('int_brief__clauses') }}
),

channels as (
    select * from {{ ref('int_brief__channels') }}
),

headlines as (
    select
        year, entity_id, entity_label, against_entity_id, against_label,
        'headline' as line_kind,
        count(*) filter (lead is not null) as channels_measured,
        count(*) filter (lead = 'leads') as channels_led,
        count(*) filter (lead = 'trails') as channels_trailed,
        count(*) filter (lead = 'mixed') as channels_mixed,
        count(*) filter (is_direction_measured) as channels_compared,
        count(*) filter (is_direction_measured and direction = 'up') as channels_up,
        coalesce(list(channel order by position) filter (lead is null), []) as channels_not_measured,
        max(grade) filter (lead is not null) as grade,
        list(channel order by position) filter (lead = 'leads') as led,
        list(channel order by position) filter (lead = 'trails') as trailed,
        list(channel order by position) filter (lead = 'mixed') as mixed,
        list(channel order by position) filter (lead = 'inconclusive') as unplaced,
        list(channel order by position) filter (is_direction_measured and direction = 'up') as up
    from channels
    group by all
),

-- a channel of one metric is that metric
single as (
    select
        metrics.*, 'channel' as line_kind, channels.position as channel_position
    from metrics
    inner join channels using (year, entity_id, against_entity_id, channel)
    where channels.metrics_known = 1 and metrics.is_known
),

several as (
    select
        metrics.*, 'metric' as line_kind, channels.position as channel_position
    from metrics
    inner join channels using (year, entity_id, against_entity_id, channel)
    where channels.metrics_known > 1 and metrics.is_known
),

metric_lines as (
    select
        * exclude (lead_basis, lead_source_id),
        if(lead is null, null, lead_source_id) as lead_source_id,
        if(lead is null, null, lead_basis) as lead_basis,
        metric_label || ': ' || move_clause || baseline_clause || robustness_clause || lead_clause || grade_clause || '.' as sentence
    from (select * from single union all select * from several)
),

channel_lines as (
    select
        year, entity_id, entity_label, against_entity_id, against_label, channel, position as channel_position, 0 as position, 'channel' as line_kind,
        direction, lead, grade, is_direction_measured as is_comparable,
        upper(channel[1]) || channel[2:] || ': '
        || case
            when metrics_known = 0 then 'nothing can be said (' || unknown_reason || ')'
            when not is_direction_measured then 'whether ' || entity_label || ' is up cannot be said, as no two years compare'
            when direction not in ('up', 'down', 'flat') then 'whether ' || entity_label || ' is up cannot be said (' || directions || ')'
            when is_of_paces and direction = 'up' then entity_label || ' grows faster (' || directions || ')'
            when is_of_paces and direction = 'down' then entity_label || ' grows more slowly (' || directions || ')'
            else entity_label || ' is ' || direction || ' (' || directions || ')'
        end
        || case
            when metrics_known = 0 then ''
            when lead is null then '; no comparable figure is held of both it and ' || against_label
            when lead = 'leads' then '; it leads ' || against_label || ' in ' || led
            when lead = 'trails' then '; it trails ' || against_label || ' in ' || trailed
            when lead = 'mixed' then '; against ' || against_label || ' it is mixed ('
                || concat_ws('; ', 'leads in ' || led, 'trails in ' || trailed, 'cannot be said in ' || undecided) || ')'
            else '; who leads, it or ' || against_label || ', cannot be said'
        end
        || coalesce('; grade ' || grade, '') || '.' as sentence
    from channels
    where metrics_known <> 1
),

headline_lines as (
    select
        * exclude (led, trailed, mixed, unplaced, up, is_thin),
        -1 as channel_position, 0 as position,
        'In ' || year || ' '
        || case when is_thin then 'comparable figures of both are held in only ' || channels_measured || ' of ' || (channels_measured + len(channels_not_measured))
            || ' channels (no data: ' || array_to_string(channels_not_measured, ', ') || '): ' else '' end
        || case
            when channels_measured = 0 then 'no channel has a comparable figure of both ' || entity_label || ' and ' || against_label
            else
                entity_label || ' leads ' || against_label || ' in ' || channels_led || ' of ' || channels_measured
                || if(channels_measured = 1, ' channel', ' channels') || ' that can be measured' || {{ format_names('led') }}
                || if(channels_trailed > 0, ', trails in ' || channels_trailed || {{ format_names('trailed') }}, '')
                || if(channels_mixed > 0, ', is mixed in ' || channels_mixed || {{ format_names('mixed') }}, '')
                || if(len(unplaced) > 0, ', cannot be placed in ' || len(unplaced) || {{ format_names('unplaced') }}, '')
        end
        || case
            when channels_compared = 0 then '; in no channel can it be said whether ' || entity_label || ' grows'
            else '; ' || if(channels_measured = 0, entity_label, 'it') || ' grows in ' || channels_up || ' of ' || channels_compared
                || if(channels_compared = 1, ' channel', ' channels') || ' whose years compare' || {{ format_names('up') }}
        end
        || if(len(channels_not_measured) > 0 and not is_thin, '; not measurable: ' || array_to_string(channels_not_measured, ', '), '') || '.' as sentence
    from (select *, channels_measured between 1 and 2 and len(channels_not_measured) > 0 as is_thin from headlines)
),

lines as (
    select * from headline_lines
    union all by name
    select * from channel_lines
    union all by name
    select * from metric_lines
),

final as (
    select
        year::integer as year,
        entity_id,
        entity_label,
        against_entity_id,
        against_label,
        (row_number() over (
            partition by year, entity_id, against_entity_id order by channel_position, line_kind <> 'channel', position
        ))::integer as line_number,
        line_kind,
        channel,
        metric_id,
        metric_label,
        source_id,
        basis,
        kind,
        unit,
        direction,
        lead,
        value,
        low,
        high,
        interval_kind,
        prior_value,
        prior_low,
        prior_high,
        if(kind = 'stock', net_additions, coalesce(yoy_pct, yoy_change)) as change,
        yoy_low as change_low,
        yoy_high as change_high,
        case when kind = 'stock' then unit when kind = 'share' then 'points' when yoy_pct is not null or yoy_low is not null then 'percent' else unit end as change_unit,
        net_additions_prior as change_prior,
        net_additions_pct as change_of_change_pct,
        yoy_common_pct,
        common_months,
        yoy_standardised,
        baseline_growth_pct,
        growth_percentile,
        against_percentile,
        parts::integer as parts,
        parts_compared::integer as parts_compared,
        parts_up::integer as parts_up,
        parts_down::integer as parts_down,
        lead_source_id,
        lead_basis,
        lead_value,
        lead_low,
        lead_high,
        against_value,
        against_low,
        against_high,
        lead_total,
        lead_total_low,
        lead_total_high,
        against_total,
        against_total_low,
        against_total_high,
        ratio,
        lead_common_months,
        lead_parts::integer as lead_parts,
        parts_led::integer as parts_led,
        parts_trailed::integer as parts_trailed,
        direction_agreeing,
        direction_choices,
        direction_dissenters,
        lead_agreeing,
        lead_choices,
        lead_dissenters,
        channels_measured::integer as channels_measured,
        channels_led::integer as channels_led,
        channels_trailed::integer as channels_trailed,
        channels_mixed::integer as channels_mixed,
        channels_compared::integer as channels_compared,
        channels_up::integer as channels_up,
        channels_not_measured,
        is_comparable,
        not_comparable_reason,
        bias,
        greatest(grade, lead_grade) as grade,
        grade_reason,
        sentence
    from lines
)

select * from final
