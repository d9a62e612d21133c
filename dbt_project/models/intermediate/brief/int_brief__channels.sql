-- A channel is up, down or flat if each of its metrics whose years compare says so; it is led if each of its metrics that
-- hold both contenders says so, else mixed. What is not held decides nothing, and a metric that is a function of another
-- (a share of the same downloads) does not vote beside it.
with

metrics as (
    select * from {{ ref('int_brief__metrics') }}
),

final as (
    select
        year, entity_id, entity_label, against_entity_id, against_label, channel, min(position) as position,
        coalesce({{ unanimous_or('if(is_compared and is_voting, direction, null)', 'inconclusive') }}, 'not comparable') as direction,
        bool_or(is_compared) as is_direction_measured,
        {{ unanimous_or('if(is_voting, lead, null)', 'mixed') }} as lead,
        count(*) filter (is_known) as metrics_known,
        max(greatest(grade, coalesce(lead_grade, 'A'))) filter (is_known) as grade,
        string_agg(metric_label || ': ' || unknown_reason, '; ' order by position) filter (not is_known) as unknown_reason,
        string_agg(how_to_get, ' ' order by position) filter (not is_known) as how_to_get,
        -- of what piles up only the pace is compared
        bool_and(kind = 'stock') filter (is_compared) as is_of_paces,
        string_agg(
            metric_label || ' '
            || case
                when not is_compared then 'not comparable'
                when kind = 'stock' and direction = 'up' then 'faster'
                when kind = 'stock' and direction = 'down' then 'slower'
                when kind = 'stock' and direction = 'flat' then 'as fast'
                else direction
            end,
            ', ' order by position
        ) filter (is_known) as directions,
        string_agg(metric_label, ', ' order by position) filter (lead = 'leads') as led,
        string_agg(metric_label, ', ' order by position) filter (lead = 'trails') as trailed,
        string_agg(metric_label, ', ' order by position) filter (lead in ('mixed', 'inconclusive')) as undecided
    from metrics
    group by all
)

select * from final
