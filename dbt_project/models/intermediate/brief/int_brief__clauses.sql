-- The clauses of a metric's sentence: how it moved, where that stands in the baseline, in how many choices that holds, who is
-- ahead. Every number in them is a column beside them.
with

metrics as (
    select
        metrics.*, sources.grade as source_grade, sources.grade_reason as source_grade_reason,
        if(metrics.kind = 'share', 'points', 'percent') as change_unit,
        coalesce(metrics.yoy_pct, if(metrics.kind = 'share', metrics.yoy_change, null)) as change,
        -- a rate is nothing without what it is of
        if(metrics.kind = 'rate', ' ' || metrics.unit, '') as per,
        {{ format_level('metrics.value', 'metrics.low', 'metrics.high', 'metrics.unit') }} as level,
        {{ format_level('metrics.prior_value', 'metrics.prior_low', 'metrics.prior_high', 'metrics.unit') }} as prior_level
    from {{ ref('int_brief__metrics') }} as metrics
    left join {{ source('catalog', 'sources') }} as sources using (source_id)
),

-- why two years that compare do not say a direction
undecided as (
    select
        *,
        case
            when kind = 'rate' and yoy_interval_kind = 'bound' then ' (the counts are small, and known only within bounds)'
            when kind = 'rate' and (value = 0 or prior_value = 0) then ' (the counts are too small)'
            when direction_answer <> 'inconclusive' then ' (ways of counting disagree)'
            when yoy_high is null and yoy_low is not null then ' (the year before may be next to nothing)'
            when yoy_low is not null then
                ' (the change lies between ' || {{ format_change('yoy_low', 'change_unit') }} || ' and ' || {{ format_change('yoy_high', 'change_unit') }} || ')'
            when kind = 'stock' and net_additions_prior is null then ' (what was added in ' || (year - 1) || ' is not known)'
            else ''
        end as undecided_reason
    from metrics
),

final as (
    select
        *,
        case
            when not is_known then 'nothing can be said (' || unknown_reason || ')'
            when not is_level_known then 'the level of ' || entity_label || ' at the end of ' || year || ' is not held'
            when parts_compared = 0 then 'whether ' || entity_label || ' is up cannot be said (' || not_comparable_reason || ')'
            when parts > 0 then
                entity_label || ' is ' || {{ format_parts('up', 'parts_up', 'down', 'parts_down', 'parts_compared', 'part_name') }}
                || if(direction not in ('up', 'down', 'flat'), ', so that no direction can be said', '')
            when not is_comparable and kind <> 'stock' and compared_on = 'common months' and direction in ('up', 'down', 'flat') then
                entity_label || ' is ' || direction || ' ' || coalesce({{ format_size('yoy_common_pct', "'percent'") }} || ' ', '') || 'over the ' || common_months
                || ' months that both years hold, ' || coalesce({{ format_figure('common_value', 'unit') }} || per || ' after ' || {{ format_figure('common_prior_value', 'unit') }}, 'within bounds')
                || coalesce('; up at least ' || {{ format_size('yoy_at_least_pct', "'percent'") }} || ' in all, as counted', '')
            when not is_comparable and kind <> 'stock' and compared_on = 'lower bound' and direction = 'up' then
                entity_label || ' is up at least ' || {{ format_size('yoy_at_least_pct', "'percent'") }} || ', as counted: ' || level || per
                || ' in what is held of ' || year || ', after ' || prior_level || ' in all of ' || (year - 1)
            when kind = 'stock' and not is_comparable and direction in ('up', 'down', 'flat') then
                entity_label
                || case
                    when coalesce(net_additions_high, net_additions) < 0 then ' shrank, '
                    when direction = 'up' then ' grew faster, '
                    when direction = 'down' then ' grew more slowly, '
                    else ' grew as fast, '
                end
                || {{ said_gain('net_additions', 'net_additions_low', 'net_additions_high', 'unit') }} || ' to ' || level || ', after '
                || {{ said_gain('net_additions_prior', 'net_additions_prior_low', 'net_additions_prior_high', 'unit') }} || ' in ' || (year - 1)
            when not is_comparable then
                entity_label || if(starts_with(level, 'below'), ' is ', ' is at ') || level || per
                || case when is_complete then '' when kind = 'stock' then ' at the end of ' || year else ' in what is held of ' || year end
                || ', and whether that is up cannot be said (' || not_comparable_reason || ')'
            when kind = 'stock' then
                entity_label
                || case
                    when net_additions < 0 then ' shrank, '
                    when direction = 'up' then ' grew faster, '
                    when direction = 'down' then ' grew more slowly, '
                    when direction = 'flat' then ' grew as fast, '
                    else ' grew, '
                end
                || if(net_additions < 0, '-', '+') || {{ format_figure('abs(net_additions)', 'unit') }} || ' to ' || level
                || if(net_additions_prior is null, '',
                    ', after ' || if(net_additions_prior < 0, '-', '+') || {{ format_figure('abs(net_additions_prior)', 'unit') }} || ' in ' || (year - 1)
                    || coalesce(' (' || {{ format_change('net_additions_pct', "'percent'") }} || ')', ''))
                || if(direction not in ('up', 'down', 'flat'), ', and whether that is faster cannot be said' || undecided_reason, '')
            when direction = 'flat' then entity_label || ' is flat at ' || level || per
            when direction in ('up', 'down') then
                entity_label || ' is ' || direction
                || case
                    when change is not null then ' ' || {{ format_size('change', 'change_unit') }}
                    when yoy_change is not null then ' from none'
                    when direction = 'up' then ' at least ' || {{ format_size('yoy_low', 'change_unit') }}
                    else ' at least ' || {{ format_size('yoy_high', 'change_unit') }}
                end
                || ', to ' || level || per || ' from ' || prior_level || ' in ' || (year - 1)
            else
                entity_label || if(starts_with(level, 'below'), ' is ', ' is at ') || level || per || ', after ' || prior_level || ' in ' || (year - 1)
                || coalesce(' (' || {{ format_change('change', 'change_unit') }} || ')', '') || ', and whether that is up cannot be said' || undecided_reason
        end as move_clause,
        case
            when growth_percentile is null then ''
            else if(direction = 'up' and change < baseline_growth_pct, ', but less than the median package', '')
                || ', at percentile ' || printf('%.0f', growth_percentile) || ' with the median package at ' || {{ format_change('baseline_growth_pct', "'percent'") }}
                || case
                    when against_percentile is null then ''
                    -- five points of a hundred are no difference in a baseline
                    when abs(growth_percentile - against_percentile) < 5 then ', level with ' || against_label || ' at ' || printf('%.0f', against_percentile)
                    else ', where ' || against_label || ' is at ' || printf('%.0f', against_percentile)
                end
        end as baseline_clause,
        case
            when not is_known or not is_level_known or parts > 0 then ''
            when not is_comparable and compared_on = 'common months' and direction in ('up', 'down', 'flat') then ''
            when not is_comparable then coalesce(
                '; ' || {{ format_change('yoy_common_pct', "'percent'") }} || ' over the ' || common_months
                || if(common_months = 1, ' month', ' months') || ' that both years hold', '')
            else
                {{ format_robustness("'; ' || case direction_answer when 'inconclusive' then 'undecided ' when 'flat' then 'flat ' when 'up' then if(kind = 'stock', 'faster ', 'up ') else if(kind = 'stock', 'slower ', 'down ') end", 'direction_agreeing', 'direction_choices', 'direction_dissenters', '; no other choice can be computed') }}
                || coalesce('; ' || {{ format_change('yoy_standardised', "'points'") }} || ' with the countries and roles of ' || (year - 1), '')
        end as robustness_clause,
        case
            when not is_known then ''
            when lead is null then '; no comparable figure is held of both it and ' || against_label
            when parts > 0 and parts_led + parts_trailed = 0 then '; whether it leads ' || against_label || ' cannot be said in any ' || part_name
            when parts > 0 then
                '; against ' || against_label || ' it ' || {{ format_parts('leads', 'parts_led', 'trails', 'parts_trailed', 'lead_parts', 'part_name') }}
            else
                case lead
                    when 'leads' then '; it leads ' || against_label || ', '
                    when 'trails' then '; it trails ' || against_label || ', '
                    else '; whether it leads ' || against_label || ' cannot be said, '
                end
                || case
                    when kind = 'stock' then
                        {{ said_gain('lead_value', 'lead_low', 'lead_high', 'unit') }} || ' added against '
                        || {{ said_gain('against_value', 'against_low', 'against_high', 'unit') }}
                    else
                        {{ format_level('lead_value', 'lead_low', 'lead_high', 'unit') }} || ' against '
                        || {{ format_level('against_value', 'against_low', 'against_high', 'unit') }}
                end
                || coalesce(' over the ' || lead_common_months || ' months held of both', '')
                || if(kind = 'stock', ' (in total ' || {{ format_level('lead_total', 'lead_total_low', 'lead_total_high', 'unit') }} || ' against '
                    || {{ format_level('against_total', 'against_total_low', 'against_total_high', 'unit') }} || ')', '')
                || if(not is_level_known or (lead_basis = basis and lead_source_id = source_id), '', ' (both counted as ' || replace(lead_basis, '_', ' ') || ')')
                || {{ format_robustness("', ' || if(lead = 'inconclusive', 'undecided ', '')", 'lead_agreeing', 'lead_choices', 'lead_dissenters', '') }}
        end as lead_clause,
        '; grade ' || greatest(grade, lead_grade) || if(source_grade > 'A', ', ' || source_grade_reason, '') as grade_clause
    from undecided
)

select * from final
