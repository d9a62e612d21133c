-- What can be said of a contender in each metric, against each other contender that has figures in the same year: its
-- preferred figure and change, and who is ahead on the best way of counting that holds both. Of a metric that has parts
-- only, how many of them say so; all must agree.
with

review as (
    select * from {{ ref('int_review__rows') }} where entity_type = 'contender' and channel <> 'context'
),

wholes as (
    select
        year, position, metric_id, metric_label, channel, kind, unit, entity_id, entity_label, is_known, unknown_reason, how_to_get,
        source_id, basis, value, low, high, interval_kind, prior_value, prior_low, prior_high, months_held, is_complete,
        yoy_common_pct, common_months, yoy_standardised, yoy_change, yoy_pct, yoy_low, yoy_high, yoy_interval_kind, baseline_growth_pct, growth_percentile, net_additions, net_additions_low, net_additions_high, net_additions_prior, net_additions_prior_low,
        net_additions_prior_high,
        net_additions_pct, is_comparable, not_comparable_reason,
        -- what piles up is compared by its pace
        if(kind = 'stock', coalesce(case pace when 'faster' then 'up' when 'slower' then 'down' when 'steady' then 'flat' else pace end, direction), direction) as direction,
        compared_on, common_value, common_prior_value, yoy_common_low, yoy_common_high, yoy_at_least_pct, bias, grade, grade_reason,
        null::varchar as part_name, null::bigint as parts, null::bigint as parts_compared, null::bigint as parts_up, null::bigint as parts_down
    from review
    anti join (select metric_id from {{ source('catalog', 'metrics') }} where parts) as in_parts using (metric_id)
    where segment = 'all'
),

in_parts as (
    select
        year, position, metric_id, metric_label, channel, kind, unit, entity_id, entity_label, bool_or(is_known) as is_known,
        any_value(unknown_reason) as unknown_reason, any_value(how_to_get) as how_to_get,
        any_value(source_id) as source_id, any_value(basis) as basis, bool_or(is_complete) as is_complete, bool_or(is_comparable) as is_comparable,
        string_agg(distinct not_comparable_reason, '; ' order by not_comparable_reason) as not_comparable_reason,
        coalesce({{ unanimous_or('if(is_comparable, direction, null)', 'inconclusive') }}, min(direction)) as direction,
        max(bias) as bias, max(grade) as grade, string_agg(distinct grade_reason, '; ' order by grade_reason) as grade_reason,
        any_value(split_part(segment, '=', 1)) as part_name, count(*) filter (is_known) as parts,
        count(*) filter (is_comparable) as parts_compared,
        count(*) filter (is_comparable and direction = 'up') as parts_up, count(*) filter (is_comparable and direction = 'down') as parts_down
    from review
    semi join (select metric_id from {{ source('catalog', 'metrics') }} where parts) as in_parts using (metric_id)
    group by all
),

figures as (
    select * from wholes
    union all by name
    select * from in_parts
),

leads as (
    select
        year, metric_id, entity_id, against_entity_id, {{ unanimous_or('lead', 'mixed') }} as lead, max(grade) as grade,
        any_value(source_id) as source_id, any_value(basis) as basis,
        count(*) as parts, count(*) filter (lead = 'leads') as parts_led, count(*) filter (lead = 'trails') as parts_trailed,
        {% for column in ['value', 'low', 'high', 'against_value', 'against_low', 'against_high', 'ratio', 'common_months',
            'total', 'total_low', 'total_high', 'against_total', 'against_total_low', 'against_total_high'] -%}
        if(count(*) = 1 and bool_and(segment = 'all'), any_value({{ column }}), null) as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ ref('int_leads__ways') }}
    inner join {{ source('catalog', 'metrics') }} as metrics using (metric_id)
    where is_preferred and (segment = 'all' or metrics.parts)
    group by all
),

-- how many admissible choices say the same; of a metric in parts the parts are counted instead
robustness as (
    select headline, year, metric_id, entity_id, against_entity_id, answer, choices_agreeing, choices_computed, dissenters
    from {{ ref('int_robustness__judged') }}
    where is_preferred and segment = 'all'
),

present as (
    select distinct year, entity_id, entity_label
    from figures
    left join leads using (year, metric_id, entity_id)
    where figures.is_known or leads.lead is not null
),

pairs as (
    select
        me.year, me.entity_id, me.entity_label, other.entity_id as against_entity_id, other.entity_label as against_label
    from present as me
    inner join present as other on me.year = other.year and me.entity_id <> other.entity_id
),

final as (
    select
        pairs.against_entity_id,
        pairs.against_label,
        -- who leads can be known of a year at whose end no level is held
        figures.* replace (
            figures.is_known or leads.lead is not null as is_known, coalesce(figures.direction, 'no data') as direction
        ),
        figures.is_known as is_level_known,
        coalesce(figures.direction, 'no data') not in ('not comparable', 'no data') as is_compared,
        derived.metric_id is null as is_voting,
        if(figures.growth_percentile is null, null, against.growth_percentile) as against_percentile,
        leads.lead,
        leads.source_id as lead_source_id,
        leads.basis as lead_basis,
        leads.value as lead_value,
        leads.low as lead_low,
        leads.high as lead_high,
        leads.against_value,
        leads.against_low,
        leads.against_high,
        leads.total as lead_total,
        leads.total_low as lead_total_low,
        leads.total_high as lead_total_high,
        leads.against_total,
        leads.against_total_low,
        leads.against_total_high,
        leads.ratio,
        leads.common_months as lead_common_months,
        leads.grade as lead_grade,
        leads.parts as lead_parts,
        leads.parts_led,
        leads.parts_trailed,
        directions.answer as direction_answer,
        directions.choices_agreeing as direction_agreeing,
        directions.choices_computed as direction_choices,
        directions.dissenters as direction_dissenters,
        lead_choices.choices_agreeing as lead_agreeing,
        lead_choices.choices_computed as lead_choices,
        lead_choices.dissenters as lead_dissenters
    from pairs
    inner join figures using (year, entity_id)
    left join figures as against
        on pairs.year = against.year and pairs.against_entity_id = against.entity_id and figures.metric_id = against.metric_id
        and figures.source_id = against.source_id and figures.basis = against.basis
    left join leads
        on pairs.year = leads.year and figures.metric_id = leads.metric_id and pairs.entity_id = leads.entity_id
        and pairs.against_entity_id = leads.against_entity_id
    left join (select metric_id from {{ source('catalog', 'metrics') }} where derived_from is not null) as derived
        on figures.metric_id = derived.metric_id
    left join robustness as directions
        on directions.headline = 'direction' and pairs.year = directions.year and figures.metric_id = directions.metric_id
        and pairs.entity_id = directions.entity_id
    left join robustness as lead_choices
        on lead_choices.headline = 'lead' and pairs.year = lead_choices.year and figures.metric_id = lead_choices.metric_id
        and pairs.entity_id = lead_choices.entity_id and pairs.against_entity_id = lead_choices.against_entity_id
)

select * from final
