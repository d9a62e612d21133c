-- What can be said of a contender in each metric, against the other one of a pair that has figures in the same year:
-- its preferred figure and change, who is ahead on the best way of counting that holds both, and whether that lead
-- grew. Of a metric that has parts only, how many of them say so; all must agree. `move` is the verdict of the change:
-- up, down or flat; of a stock, which piles up, its pace: faster, slower or steady, and down only where it lost; else
-- inconclusive, not comparable or no data.
--
-- A pair is shown on the way of counting that holds both, as far as it can be compared there; a contender's own
-- preferred figure is then a remark (`own_`).
{% set shown = [
    "source_id",
    "basis",
    "value",
    "low",
    "high",
    "interval_kind",
    "prior_value",
    "prior_low",
    "prior_high",
    "months_held",
    "is_complete",
    "common_months",
    "common_value",
    "common_prior_value",
    "yoy_common_pct",
    "yoy_common_low",
    "yoy_common_high",
    "yoy_at_least_pct",
    "yoy_standardised",
    "yoy_change",
    "yoy_pct",
    "yoy_low",
    "yoy_high",
    "yoy_interval_kind",
    "baseline_growth_pct",
    "growth_percentile",
    "net_additions",
    "net_additions_low",
    "net_additions_high",
    "net_additions_prior",
    "net_additions_prior_low",
    "net_additions_prior_high",
    "net_additions_pct",
    "is_comparable",
    "not_comparable_reason",
    "compared_on",
    "bias",
    "grade",
    "grade_reason",
] %}
with

    review as (select * from {{ ref("int_review__rows") }} where entity_type = 'contender' and channel <> 'context'),

    wholes as (
        select
            year,
            position,
            metric_id,
            metric_label,
            channel,
            kind,
            unit,
            entity_id,
            entity_label,
            is_known,
            no_data_reason,
            how_to_get,
            source_id,
            basis,
            value,
            low,
            high,
            interval_kind,
            prior_value,
            prior_low,
            prior_high,
            months_held,
            is_complete,
            common_months,
            common_value,
            common_prior_value,
            yoy_common_pct,
            yoy_common_low,
            yoy_common_high,
            yoy_at_least_pct,
            yoy_standardised,
            yoy_change,
            yoy_pct,
            yoy_low,
            yoy_high,
            yoy_interval_kind,
            baseline_growth_pct,
            growth_percentile,
            net_additions,
            net_additions_low,
            net_additions_high,
            net_additions_prior,
            net_additions_prior_low,
            net_additions_prior_high,
            net_additions_pct,
            is_comparable,
            not_comparable_reason,
            direction,
            pace,
            compared_on,
            bias,
            grade,
            grade_reason,
            null::varchar as part_name,
            null::bigint as parts,
            null::bigint as parts_compared,
            null::bigint as parts_up,
            null::bigint as parts_down
        from review
        anti join (select metric_id from {{ source("catalog", "metrics") }} where parts) as in_parts using (metric_id)
        where segment = 'all'
    ),

    in_parts as (
        select
            year,
            position,
            metric_id,
            metric_label,
            channel,
            kind,
            unit,
            entity_id,
            entity_label,
            bool_or(is_known) as is_known,
            any_value(no_data_reason) as no_data_reason,
            any_value(how_to_get) as how_to_get,
            any_value(source_id) as source_id,
            any_value(basis) as basis,
            bool_or(is_complete) as is_complete,
            bool_or(is_comparable) as is_comparable,
            string_agg(distinct not_comparable_reason, '; ' order by not_comparable_reason) as not_comparable_reason,
            coalesce(
                {{ unanimous_or("if(is_comparable, direction, null)", "inconclusive") }}, min(direction)
            ) as direction,
            max(bias) as bias,
            max(grade) as grade,
            string_agg(distinct grade_reason, '; ' order by grade_reason) as grade_reason,
            any_value(split_part(segment, '=', 1)) as part_name,
            count(*) filter (is_known) as parts,
            count(*) filter (is_comparable) as parts_compared,
            count(*) filter (is_comparable and direction = 'up') as parts_up,
            count(*) filter (is_comparable and direction = 'down') as parts_down
        from review
        semi join (select metric_id from {{ source("catalog", "metrics") }} where parts) as in_parts using (metric_id)
        group by all
    ),

    figures as (
        select *
        from wholes
        union all by name
        select *
        from in_parts
    ),

    leads as (
        select
            year,
            metric_id,
            entity_id,
            against_entity_id,
            {{ unanimous_or("lead", "mixed") }} as lead,
            max(grade) as grade,
            any_value(source_id) as source_id,
            any_value(basis) as basis,
            bool_or(is_gain) as is_gain,
            string_agg(distinct grade_reason, '; ' order by grade_reason) as grade_reason,
            count(*) as parts,
            count(*) filter (lead = 'leads') as parts_led,
            count(*) filter (lead = 'trails') as parts_trailed,
            {{ unanimous_or("ground", "mixed") }} as ground,
            {% for column in [
                "value",
                "low",
                "high",
                "against_value",
                "against_low",
                "against_high",
                "ratio",
                "common_months",
                "common_month_numbers",
                "ratio_low",
                "ratio_high",
                "prior_ratio",
                "prior_ratio_low",
                "prior_ratio_high",
                "prior_common_months",
                "total",
                "total_low",
                "total_high",
                "against_total",
                "against_total_low",
                "against_total_high",
            ] -%}
                if(
                    count(*) = 1 and bool_and(segment = 'all'), any_value({{ column }}), null
                ) as {{ column }}{{ "," if not loop.last }}
            {% endfor %}
        from {{ ref("int_brief__leads") }}
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        where segment = 'all' or metrics.parts
        group by all
    ),

    -- how many specifications say the same, and which say the opposite; of a metric in parts the parts are counted
    -- instead. One that is inconclusive is no exception.
    robustness as (
        select
            headline,
            year,
            metric_id,
            entity_id,
            against_entity_id,
            any_value(answer) filter (is_preferred) as answer,
            bool_or(is_preferred and is_computable) as is_counted,
            count(*) filter (is_agreeing) as agreeing,
            coalesce(
                list(choice order by dimension, choice) filter (
                    is_computable and not coalesce(is_agreeing, false) and is_decided
                ),
                []
            ) as exceptions,
            coalesce(
                list(answer order by dimension, choice) filter (
                    is_computable and not coalesce(is_agreeing, false) and is_decided
                ),
                []
            ) as exception_answers,
            coalesce(
                list(choice order by dimension, choice) filter (
                    is_computable and not coalesce(is_agreeing, false) and not is_decided
                ),
                []
            ) as inconclusive
        from
            (
                select
                    *, answer in ('up', 'down', 'flat', 'faster', 'slower', 'steady', 'leads', 'trails') as is_decided
                from {{ ref("int_robustness__judged") }}
                where segment = 'all' and headline in ('direction', 'lead')
            )
        group by all
        having is_counted
    ),

    present as (
        select year, entity_id, any_value(entity_label) as entity_label, bool_or(is_known) as is_known
        from figures
        group by all
    ),

    -- a year of a pair: both have figures in it, or it is known who leads, as it can be where no level is held at
    -- its end
    pairs as (
        select
            me.year,
            me.entity_id,
            me.entity_label,
            other.entity_id as against_entity_id,
            other.entity_label as against_label
        from {{ ref("int_pairs__materialised") }} as wanted
        inner join present as me on wanted.entity_id = me.entity_id
        inner join present as other on wanted.against_entity_id = other.entity_id and me.year = other.year
        left join
            (select distinct year, entity_id, against_entity_id from leads where lead is not null) as led
            on me.year = led.year
            and me.entity_id = led.entity_id
            and other.entity_id = led.against_entity_id
        where me.is_known and other.is_known or led.year is not null
    ),

    years as (select * from {{ ref("int_yoy__compared") }} where entity_type = 'contender' and segment = 'all'),

    -- the members of a contender that belong to it in both years, where each moved the same way beyond chance: of a
    -- union known within bounds that is more than the bounds say, and where a member left it is what still compares
    members_moved as (
        select
            members.contender_id as entity_id,
            moved.year,
            moved.metric_id,
            moved.source_id,
            moved.basis,
            list(frameworks.label order by members.is_representative desc, frameworks.label) as member_labels,
            min(moved.direction) as member_direction,
            list(
                case
                    when moved.kind = 'share'
                    then moved.yoy_change
                    when moved.compared_on = 'year'
                    then moved.yoy_pct
                    else moved.yoy_common_pct
                end
                order by members.is_representative desc, frameworks.label
            ) as member_changes
        from {{ ref("int_yoy__compared") }} as moved
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        inner join
            ({{ members_named() }}) as members
            on moved.source_id = members.source_id
            and moved.entity_id = members.framework_id
        inner join
            {{ source("catalog", "entities") }} as frameworks
            on frameworks.entity_type = 'framework'
            and moved.entity_id = frameworks.entity_id
        where
            moved.entity_type = 'framework'
            and moved.segment = 'all'
            and moved.kind <> 'stock'
            and metrics.combine in ('distinct', 'sum', 'interval')
            and coalesce(members.valid_from <= moved.period_start - interval 1 year, true)
            and coalesce(members.valid_until >= moved.period_end, true)
        group by all
        having bool_and(moved.direction in ('up', 'down')) and count(distinct moved.direction) = 1
    ),

    joined as (
        select
            pairs.against_entity_id,
            pairs.against_label,
            -- who leads can be known of a year at whose end no level is held
            figures.* replace (
                figures.is_known or leads.lead is not null as is_known,
                {% for column in shown -%}
                    if(of_pair.year is null, figures.{{ column }}, of_pair.{{ column }}) as {{ column }},
                {% endfor -%}
                if(of_pair.year is null, coalesce(figures.direction, 'no data'), of_pair.direction) as direction,
                if(of_pair.year is null, figures.pace, of_pair.pace) as pace
            ),
            if(of_pair.year is null, null, figures.source_id) as own_source_id,
            if(of_pair.year is null, null, figures.basis) as own_basis,
            if(of_pair.year is null, null, figures.value) as own_value,
            if(of_pair.year is null, null, figures.low) as own_low,
            if(of_pair.year is null, null, figures.high) as own_high,
            if(of_pair.year is null, null, figures.months_held) as own_months_held,
            if(
                of_pair.year is null,
                null,
                case
                    -- a total grows nearly always: of a stock the change is that of what was added
                    when figures.kind = 'stock'
                    then figures.net_additions_pct
                    when figures.compared_on = 'common months'
                    then figures.yoy_common_pct
                    else figures.yoy_pct
                end
            ) as own_change_pct,
            if(
                of_pair.year is not null and figures.compared_on = 'common months', figures.common_months, null
            ) as own_common_months,
            members_moved.member_labels,
            members_moved.member_direction,
            members_moved.member_changes,
            figures.is_known as is_level_known,
            -- like with like: the other one's change is of the same months
            case
                when against.compared_on <> if(of_pair.year is null, figures.compared_on, of_pair.compared_on)
                then null
                when against.compared_on = 'year'
                then against.yoy_pct
                when against.compared_on = 'common months' and against.common_month_numbers = mine.common_month_numbers
                then against.yoy_common_pct
            end as against_change_pct,
            derived.metric_id is null as is_voting,
            against.growth_percentile as against_percentile,
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
            leads.common_month_numbers as lead_month_numbers,
            leads.grade as lead_grade,
            leads.grade_reason as lead_grade_reason,
            leads.parts as lead_parts,
            leads.parts_led,
            leads.parts_trailed,
            leads.is_gain as is_lead_by_additions,
            leads.ground,
            leads.ratio_low,
            leads.ratio_high,
            leads.prior_ratio,
            leads.prior_ratio_low,
            leads.prior_ratio_high,
            leads.prior_common_months,
            directions.answer as direction_answer,
            directions.agreeing as direction_agreeing,
            directions.exceptions as direction_exceptions,
            directions.exception_answers as direction_exception_answers,
            directions.inconclusive as direction_inconclusive,
            lead_choices.agreeing as lead_agreeing,
            lead_choices.exceptions as lead_exceptions,
            lead_choices.exception_answers as lead_exception_answers,
            lead_choices.inconclusive as lead_inconclusive
        from pairs
        inner join figures using (year, entity_id)
        left join
            leads
            on pairs.year = leads.year
            and figures.metric_id = leads.metric_id
            and pairs.entity_id = leads.entity_id
            and pairs.against_entity_id = leads.against_entity_id
        -- the way that holds both, unless only the own one compares
        left join
            years as of_pair
            on pairs.year = of_pair.year
            and figures.metric_id = of_pair.metric_id
            and pairs.entity_id = of_pair.entity_id
            and leads.source_id = of_pair.source_id
            and leads.basis = of_pair.basis
            and figures.parts is null
            and (figures.source_id <> of_pair.source_id or figures.basis <> of_pair.basis)
            and ({{ compares_with_year_before("of_pair") }} or not {{ compares_with_year_before("figures") }})
        left join
            years as against
            on pairs.year = against.year
            and figures.metric_id = against.metric_id
            and pairs.against_entity_id = against.entity_id
            and coalesce(of_pair.source_id, figures.source_id) = against.source_id
            and coalesce(of_pair.basis, figures.basis) = against.basis
        left join
            years as mine
            on pairs.year = mine.year
            and figures.metric_id = mine.metric_id
            and pairs.entity_id = mine.entity_id
            and coalesce(of_pair.source_id, figures.source_id) = mine.source_id
            and coalesce(of_pair.basis, figures.basis) = mine.basis
        left join
            members_moved
            on pairs.year = members_moved.year
            and figures.metric_id = members_moved.metric_id
            and pairs.entity_id = members_moved.entity_id
            and coalesce(of_pair.source_id, figures.source_id) = members_moved.source_id
            and coalesce(of_pair.basis, figures.basis) = members_moved.basis
            and figures.parts is null
        left join
            (select metric_id from {{ source("catalog", "metrics") }} where derived_from is not null) as derived
            on figures.metric_id = derived.metric_id
        left join
            robustness as directions
            on directions.headline = 'direction'
            and pairs.year = directions.year
            and figures.metric_id = directions.metric_id
            and pairs.entity_id = directions.entity_id
        left join
            robustness as lead_choices
            on lead_choices.headline = 'lead'
            and pairs.year = lead_choices.year
            and figures.metric_id = lead_choices.metric_id
            and pairs.entity_id = lead_choices.entity_id
            and pairs.against_entity_id = lead_choices.against_entity_id
    ),

    final as (
        select
            *,
            case
                when not is_level_known
                then 'no data'
                when parts_compared = 0
                then 'not comparable'
                when parts_up > 0 and parts_down > 0
                then 'mixed'
                when kind = 'stock' and coalesce(net_additions_high, net_additions) < 0
                then 'down'
                when kind = 'stock' and coalesce(net_additions_prior, net_additions_prior_low) is null
                then 'not comparable'
                when kind = 'stock'
                then coalesce(pace, 'not comparable')
                else direction
            end as move,
            move not in ('no data', 'not comparable') as is_compared
        from joined
    )

select *
from final
