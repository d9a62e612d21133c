-- The clauses of a metric's sentence: how it moved, where that stands in the tide, who is ahead. Every number in them is a
-- column beside them.
with

metrics as (
    select
        metrics.*, sources.grade as source_grade, sources.grade_reason as source_grade_reason,
        if(metrics.kind = 'share', 'points', 'percent') as change_unit,
        {{ said_level('metrics.value', 'metrics.low', 'metrics.high', 'metrics.unit') }} as level,
        {{ said_level('metrics.prior_value', 'metrics.prior_low', 'metrics.prior_high', 'metrics.unit') }} as prior_level
    from {{ ref('int_brief__metrics') }} as metrics
    left join {{ source('catalog', 'sources') }} as sources using (source_id)
),

final as (
    select
        *,
        case
            when not is_known then 'nothing can be said, for want of figures: ' || unknown_reason
            when parts > 0 and parts_compared = 0 then 'whether ' || entity_label || ' is up cannot be said: ' || not_comparable_reason
            when parts > 0 then entity_label || ' is up in ' || parts_up || ' and down in ' || parts_down || ' of ' || parts_compared || ' parts that compare'
            when not is_comparable then
                entity_label || ' stands at ' || level || if(is_complete, '', ' in what is held of ' || year)
                || ', and whether that is up cannot be said: ' || not_comparable_reason
            when kind = 'stock' then
                entity_label
                || case
                    when net_additions < 0 then ' shrank, '
                    when direction = 'up' then ' grew faster, '
                    when direction = 'down' then ' grew more slowly, '
                    when direction = 'flat' then ' grew as fast, '
                    else ' grew, by how much more or less than before cannot be said, '
                end
                || if(net_additions < 0, '-', '+') || {{ said_figure('abs(net_additions)', 'unit') }} || ' to ' || level
                || coalesce(
                    ', after ' || if(net_additions_prior < 0, '-', '+') || {{ said_figure('abs(net_additions_prior)', 'unit') }} || ' in ' || (year - 1)
                    || coalesce(' (' || {{ said_change('net_additions_pct', "'percent'") }} || ')', ''), '')
            when direction = 'flat' then entity_label || ' is flat at ' || level
            when direction in ('up', 'down') then
                entity_label || ' is ' || direction
                || case
                    when coalesce(yoy_pct, if(kind = 'share', yoy_change, null)) is not null
                        then ' ' || {{ said_size("coalesce(yoy_pct, yoy_change)", 'change_unit') }}
                    when yoy_change is not null then ' from none'
                    when direction = 'up' then ' at least ' || {{ said_size('yoy_low', 'change_unit') }}
                    else ' at least ' || {{ said_size('yoy_high', 'change_unit') }}
                end
                || ', to ' || level || ' from ' || prior_level || ' in ' || (year - 1)
            else
                entity_label || ' went from ' || prior_level || ' in ' || (year - 1) || ' to ' || level
                || coalesce(
                    ' (' || {{ said_change("coalesce(yoy_pct, if(kind = 'share', yoy_change, null))", 'change_unit') }} || ')', '')
                || ', and whether that is up cannot be said'
        end as move_clause,
        case
            when growth_percentile is null then ''
            else ', at percentile ' || printf('%.0f', growth_percentile) || ' of a tide of ' || {{ said_change('tide_pct', "'percent'") }}
                || case
                    when against_percentile is null then ''
                    -- five points of a hundred are no difference in a tide
                    when abs(growth_percentile - against_percentile) < 5 then ', level with ' || against_label || ' at ' || printf('%.0f', against_percentile)
                    else ', where ' || against_label || ' is at ' || printf('%.0f', against_percentile)
                end
        end as tide_clause,
        case
            when not is_known then ''
            when lead is null then '; no way of counting holds ' || against_label || ' too'
            when lead_value is null and lead_low is null then
                '; it leads ' || against_label || ' in ' || parts_led || ' and trails in ' || parts_trailed || ' of ' || lead_parts || ' parts'
            else
                case lead
                    when 'leads' then '; it leads ' || against_label || ', '
                    when 'trails' then '; it trails ' || against_label || ', '
                    else '; who leads cannot be said, ' || against_label || ' aside, '
                end
                || {{ said_level('lead_value', 'lead_low', 'lead_high', 'unit') }} || ' against '
                || {{ said_level('against_value', 'against_low', 'against_high', 'unit') }}
                || if(lead_basis = basis and lead_source_id = source_id, '', ', counted as ' || replace(lead_basis, '_', ' '))
        end as lead_clause,
        '; grade ' || greatest(grade, coalesce(lead_grade, 'A')) || if(source_grade > 'A', ', ' || source_grade_reason, '') as grade_clause
    from metrics
)

select * from final
