-- Figures that were reviewed once, and are others now: the number and the sum of a source's figures of a year that is over
-- (`control_total`), and one figure of each series (`anchor`), which tells also that a whole history is another's. An index
-- is worked out anew with each release and may move by 5 %, anything else by 1 %. What a source does not hold at all is not
-- compared: it fails by itself. As of a former day nothing is compared, since less was known.
with

observations as (
    select observations.*, metrics.kind
    from {{ ref('int_observations__deduplicated') }} as observations
    inner join {{ source('catalog', 'metrics') }} as metrics using (metric_id)
    where claim_rank = 1 and value is not null {% if var('as_of') %}and false{% endif %}
),

totals as (
    select
        source_id, metric_id, basis, year(period_start)::bigint as year, any_value(kind) as kind,
        count(*) as figures, sum(value) as total
    from observations
    group by all
),

ways as (
    select source_id, metric_id, basis, any_value(kind) as kind from totals group by all
),

years as (
    select
        'control_total' as check_id, reviewed.metric_id, reviewed.source_id, reviewed.basis, null::varchar as entity_id,
        make_date(reviewed.year, 1, 1) as start_date, make_date(reviewed.year + 1, 1, 1) as end_date,
        coalesce(totals.total, 0) as value, reviewed.total as other_value, coalesce(totals.figures, 0) as figures,
        reviewed.figures as other_figures, ways.kind
    from {{ source('catalog', 'control_totals') }} as reviewed
    inner join ways using (source_id, metric_id, basis)
    left join totals using (source_id, metric_id, basis, year)
),

firsts as (
    select source_id, metric_id, basis, entity_id, period_start, arg_min(value, period_end) as value
    from observations
    where segment = 'all' and member = 'primary' and entity_type <> 'contender'
    group by all
),

series as (
    select
        'anchor' as check_id, anchors.metric_id, anchors.source_id, anchors.basis, anchors.entity_id,
        anchors.start as start_date, (anchors.start + interval 1 month)::date as end_date,
        firsts.value, anchors.value as other_value, if(firsts.value is null, 0, 1)::bigint as figures,
        1::bigint as other_figures, ways.kind
    from {{ source('catalog', 'anchors') }} as anchors
    inner join ways using (source_id, metric_id, basis)
    left join firsts
        on anchors.source_id = firsts.source_id and anchors.metric_id = firsts.metric_id and anchors.basis = firsts.basis
        and anchors.entity_id = firsts.entity_id and anchors.start = firsts.period_start
),

compared as (
    select * from years
    union all by name
    select * from series
),

final as (
    select compared.* exclude (kind)
    from compared
    anti join {{ source('catalog', 'register') }} as register
        on compared.check_id = register.check_id
        and {{ is_accepted('register', 'compared', 'compared.entity_id', "'all'", 'start_date') }}
    where figures <> other_figures
        or abs(value - other_value) > if(kind = 'index', 0.05, 0.01) * greatest(abs(other_value), 1e-9)
)

select * from final
