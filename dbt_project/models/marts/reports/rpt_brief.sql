-- One page of lines: for a year and two contenders the channels counted, then each channel, and under a channel of
-- several metrics each of them. Every number and verdict of a line is a column of its row; the words are made of them
-- in Python (`sentence` is written for the review's own pair after this model has run, and is null for any other).
with

    metrics as (
        select
            metrics.*,
            sources.label as source_label,
            sources.grade as source_grade,
            sources.grade_reason as source_grade_reason,
            lead_sources.label as lead_source_label,
            own_sources.label as own_source_label
        from {{ ref("int_brief__metrics") }} as metrics
        left join {{ source("catalog", "sources") }} as sources using (source_id)
        left join {{ source("catalog", "sources") }} as lead_sources on metrics.lead_source_id = lead_sources.source_id
        left join {{ source("catalog", "sources") }} as own_sources on metrics.own_source_id = own_sources.source_id
    ),

    channels as (select * from {{ ref("int_brief__channels") }}),

    -- of the lead the metrics are counted: in how many that compare with the year before the entity gained or lost
    -- ground
    grounds as (
        select
            year,
            entity_id,
            against_entity_id,
            count(*) filter (ground is not null) as leads_compared,
            {% for name, lead, change in [
                ("lead_widened", "leads", "gained"),
                ("lead_shrank", "leads", "lost"),
                ("caught_up", "trails", "gained"),
                ("fell_behind", "trails", "lost"),
            ] -%}
                coalesce(
                    list(metric_label order by position) filter (lead = '{{ lead }}' and ground = '{{ change }}'), []
                ) as {{ name }}_in{{ "," if not loop.last }}
            {% endfor %}
        from metrics
        -- a metric that is a function of another one is no second witness
        where is_voting
        group by all
    ),

    headlines as (
        select
            year,
            entity_id,
            entity_label,
            against_entity_id,
            against_label,
            'headline' as line_kind,
            count(*) filter (lead is not null) as channels_measured,
            count(*) filter (is_compared) as channels_compared,
            {% for name, lead in [
                ("led", "leads"),
                ("trailed", "trails"),
                ("mixed", "mixed"),
                ("undecided", "inconclusive"),
            ] -%}
                coalesce(list(channel order by position) filter (lead = '{{ lead }}'), []) as {{ name }}_in,
            {% endfor -%}
            {% for move in ["up", "down", "flat", "faster", "slower", "steady", "mixed", "inconclusive"] -%}
                coalesce(
                    list(channel order by position) filter (is_compared and move = '{{ move }}'), []
                ) as moves_{{ move }}_in,
            {% endfor -%}
            coalesce(list(channel order by position) filter (lead is null), []) as channels_not_measured,
            max(grade) filter (lead is not null) as grade
        from channels
        group by all
    ),

    -- the lead that the headline puts in numbers: of the first flow that has one, else of the first metric
    foremost as (
        select
            year,
            entity_id,
            against_entity_id,
            metric_label,
            kind,
            unit,
            lead,
            lead_source_label,
            lead_basis,
            lead_value,
            lead_low,
            lead_high,
            against_value,
            against_low,
            against_high,
            ratio,
            ratio_low,
            ratio_high,
            prior_ratio,
            prior_ratio_low,
            prior_ratio_high,
            ground,
            lead_common_months,
            lead_month_numbers
        from metrics
        where is_voting and lead in ('leads', 'trails') and coalesce(lead_value, lead_low) is not null
        qualify
            row_number() over (partition by year, entity_id, against_entity_id order by kind <> 'flow', position) = 1
    ),

    -- of the first metric that has a growth of all packages beside it, what the headline says
    growths as (
        select
            year,
            entity_id,
            against_entity_id,
            metric_label as growth_metric_label,
            if(compared_on = 'year', yoy_pct, yoy_common_pct) as growth_pct,
            if(compared_on = 'year', null, common_months) as growth_months,
            baseline_growth_pct,
            growth_percentile,
            against_change_pct
        from metrics
        where
            is_voting
            and compared_on in ('year', 'common months')
            and baseline_growth_pct is not null
            and if(compared_on = 'year', yoy_pct, yoy_common_pct) is not null
        qualify row_number() over (partition by year, entity_id, against_entity_id order by position) = 1
    ),

    -- the newest month of all, where its year is not over
    running as (
        select year(max(month_date)) as year, max(month_date) as newest_month_of_year
        from {{ ref("int_months__primary") }}
        where entity_type = 'contender' and method <> 'bracket' and coalesce(value, low) is not null
        having month(max(month_date)) < 12
    ),

    released as (
        select entity_id as contender_id, released
        from {{ source("catalog", "entities") }}
        where entity_type = 'contender'
    ),

    lines as (
        select
            headlines.*,
            grounds.* exclude (year, entity_id, against_entity_id),
            foremost.* exclude (year, entity_id, against_entity_id),
            growths.* exclude (year, entity_id, against_entity_id),
            running.newest_month_of_year,
            me.released,
            other.released as against_released,
            -1 as channel_position,
            0 as position
        from headlines
        left join grounds using (year, entity_id, against_entity_id)
        left join foremost using (year, entity_id, against_entity_id)
        left join growths using (year, entity_id, against_entity_id)
        left join running using (year)
        left join released as me on headlines.entity_id = me.contender_id
        left join released as other on headlines.against_entity_id = other.contender_id
        union all by name
        select
            * exclude (position),
            position as channel_position,
            0 as position,
            'channel' as line_kind,
            is_compared as is_comparable
        from channels
        where metrics_known <> 1
        union all by name
        -- a channel of one metric is that metric
        select
            metrics.* exclude (lead_basis, lead_source_id, lead_source_label),
            channels.position as channel_position,
            if(channels.metrics_known = 1, 'channel', 'metric') as line_kind,
            if(metrics.lead is null, null, metrics.lead_source_id) as lead_source_id,
            if(metrics.lead is null, null, metrics.lead_source_label) as lead_source_label,
            if(metrics.lead is null, null, metrics.lead_basis) as lead_basis
        from metrics
        inner join channels using (year, entity_id, against_entity_id, channel)
        where metrics.is_known
    ),

    final as (
        select
            year::integer as year,
            entity_id,
            entity_label,
            against_entity_id,
            against_label,
            (
                row_number() over (
                    partition by year, entity_id, against_entity_id
                    order by channel_position, line_kind <> 'channel', position
                )
            )::integer as line_number,
            line_kind,
            channel,
            metric_id,
            metric_label,
            source_id,
            source_label,
            basis,
            kind,
            unit,
            move,
            coalesce(direction, move) as direction,
            lead,
            coalesce(is_level_known, false) as is_level_known,
            coalesce(is_complete, false) as is_complete,
            months_held,
            value,
            low,
            high,
            interval_kind,
            prior_value,
            prior_low,
            prior_high,
            compared_on,
            if(kind = 'stock', net_additions, coalesce(yoy_pct, yoy_change)) as change,
            if(kind = 'stock', net_additions_low, yoy_low) as change_low,
            if(kind = 'stock', net_additions_high, yoy_high) as change_high,
            yoy_interval_kind as change_interval_kind,
            case
                when kind = 'stock'
                then unit
                when kind = 'share'
                then 'points'
                when yoy_pct is not null or yoy_low is not null
                then 'percent'
                else unit
            end as change_unit,
            net_additions_prior as change_prior,
            net_additions_prior_low as change_prior_low,
            net_additions_prior_high as change_prior_high,
            net_additions_pct as change_of_change_pct,
            common_months,
            common_value,
            common_prior_value,
            yoy_common_pct,
            yoy_common_low,
            yoy_common_high,
            yoy_at_least_pct,
            yoy_standardised,
            baseline_growth_pct,
            growth_percentile,
            against_percentile,
            against_change_pct,
            own_source_label,
            own_basis,
            own_value,
            own_low,
            own_high,
            own_months_held,
            own_change_pct,
            own_common_months,
            {% for name in ["member_labels", "member_direction", "member_changes"] -%}
                if(move in ('inconclusive', 'not comparable'), {{ name }}, null) as {{ name }},
            {% endfor -%}
            part_name,
            parts::integer as parts,
            parts_compared::integer as parts_compared,
            parts_up::integer as parts_up,
            parts_down::integer as parts_down,
            lead_source_id,
            lead_source_label,
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
            ratio_low,
            ratio_high,
            prior_ratio,
            prior_ratio_low,
            prior_ratio_high,
            prior_common_months,
            ground,
            lead_common_months,
            lead_month_numbers,
            lead_parts::integer as lead_parts,
            parts_led::integer as parts_led,
            parts_trailed::integer as parts_trailed,
            direction_answer,
            direction_agreeing::integer as direction_agreeing,
            direction_exceptions,
            direction_exception_answers,
            direction_inconclusive,
            lead_agreeing::integer as lead_agreeing,
            lead_exceptions,
            lead_exception_answers,
            lead_inconclusive,
            metrics_of,
            metric_moves,
            metrics_led,
            metrics_trailed,
            metrics_undecided,
            growth_metric_label,
            growth_pct,
            growth_months,
            newest_month_of_year,
            released,
            against_released,
            channels_measured::integer as channels_measured,
            channels_compared::integer as channels_compared,
            {% for name in ["led", "trailed", "mixed", "undecided"] -%}
                len({{ name }}_in)::integer as channels_{{ name }}, {{ name }}_in,
            {% endfor -%}
            {% for move in ["up", "down", "flat", "faster", "slower", "steady", "mixed", "inconclusive"] -%}
                {{ "len(moves_" ~ move ~ "_in)::integer as channels_" ~ move ~ "," if move != 'mixed' }}
                moves_{{ move }}_in,
            {% endfor -%}
            channels_not_measured,
            leads_compared::integer as leads_compared,
            lead_widened_in,
            lead_shrank_in,
            caught_up_in,
            fell_behind_in,
            coalesce(is_comparable, false) as is_comparable,
            not_comparable_reason,
            no_data_reason,
            bias,
            greatest(grade, lead_grade) as grade,
            if(lead_grade > grade, lead_grade_reason, grade_reason) as grade_reason,
            source_grade,
            source_grade_reason,
            null::varchar as sentence
        from lines
    )

select *
from final
