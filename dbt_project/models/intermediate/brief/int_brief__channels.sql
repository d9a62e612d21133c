-- A channel moves as its metrics do whose years compare: up, down or flat, and where a stock is among them, of which
-- only the pace is compared, faster, slower or steady; mixed where they contradict each other. What is inconclusive is
-- no dissent; if half of them are, so is the channel. It is led if each of its metrics that hold both contenders says
-- so, else mixed. What has no data decides nothing, and a metric that is a function of another one (a share of the same
-- downloads) does not vote beside it.
with

    metrics as (
        select
            *,
            is_compared and is_voting as is_counted,
            case
                when move in ('up', 'faster')
                then 1
                when move in ('down', 'slower')
                then -1
                when move in ('flat', 'steady')
                then 0
            end as sign
        from {{ ref("int_brief__metrics") }}
    ),

    gathered as (
        select
            year,
            entity_id,
            entity_label,
            against_entity_id,
            against_label,
            channel,
            min(position) as position,
            coalesce(bool_or(is_counted), false) as is_compared,
            {{ unanimous_or("if(is_voting, lead, null)", "mixed") }} as lead,
            count(*) filter (is_known) as metrics_known,
            max(greatest(grade, coalesce(lead_grade, 'A'))) filter (is_known) as grade,
            string_agg(metric_label || ': ' || no_data_reason, '; ' order by position) filter (
                not is_known
            ) as no_data_reason,
            string_agg(how_to_get, ' ' order by position) filter (not is_known) as how_to_get,
            bool_or(kind = 'stock') filter (is_counted) as is_of_paces,
            -- a metric in parts may contradict itself
            count(distinct sign) filter (is_counted) + if(bool_or(is_counted and move = 'mixed'), 2, 0) as signs,
            2 * count(sign) filter (is_counted) > count(*) filter (is_counted) as is_decided,
            any_value(sign) filter (is_counted) as sign,
            coalesce(list(metric_label order by position) filter (is_known), []) as metrics_of,
            coalesce(list(move order by position) filter (is_known), []) as metric_moves,
            {% for name, condition in [
                ("led", "lead = 'leads'"),
                ("trailed", "lead = 'trails'"),
                ("undecided", "lead in ('mixed', 'inconclusive')"),
            ] -%}
                coalesce(
                    list(metric_label order by position) filter ({{ condition }}), []
                ) as metrics_{{ name }}{{ "," if not loop.last }}
            {% endfor %}
        from metrics
        group by all
    ),

    final as (
        select
            * exclude (signs, is_decided, sign),
            case
                when metrics_known = 0
                then 'no data'
                when not is_compared
                then 'not comparable'
                when signs > 1
                then 'mixed'
                when not is_decided
                then 'inconclusive'
                when sign = 1
                then if(is_of_paces, 'faster', 'up')
                when sign = -1
                then if(is_of_paces, 'slower', 'down')
                else if(is_of_paces, 'steady', 'flat')
            end as move
        from gathered
    )

select *
from final
