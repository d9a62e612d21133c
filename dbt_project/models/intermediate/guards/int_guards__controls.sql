-- Figures that were reviewed once, and are others now: the number and the sum of the figures of an entity in a year
-- (`control_total`), and one figure of each series (`anchor`), with its page. An index is worked out anew with each
-- release and may move by 5 %, anything else by 1 %. Only periods are compared that were over at the review, and
-- figures that have come since may add to a sum. Of a figure that its neighbours contradict
-- (`int_guards__contradictions`) theirs counts, and half of it is what may be: a day that is left out does not take its
-- year with it. What a source does not hold at all is not compared: it fails by itself. As of a former day nothing is
-- compared, since less was known. Figures of such a year are left out (`int_observations__resolved`) until a person has
-- looked; `decision` is the register's.
with

    replaced as (
        select
            metric_id,
            source_id,
            basis,
            segment,
            entity_type,
            entity_id,
            native_object,
            period_start,
            period_end,
            any_value(other_value) as neighbour
        from {{ ref("int_guards__contradictions") }}
        where
            decision is null and check_id in ('zero_between', 'stock_dips', 'stock_peaks', 'flow_peaks', 'flow_troughs')
        group by all
    ),

    observations as (
        select
            observations.* replace (coalesce(replaced.neighbour, observations.value) as value),
            coalesce(replaced.neighbour, 0) / 2 as leeway,
            metrics.kind,
            year(observations.period_start)::bigint as year
        from {{ ref("int_observations__deduplicated") }} as observations
        inner join {{ source("catalog", "metrics") }} as metrics using (metric_id)
        left join
            replaced
            on observations.metric_id = replaced.metric_id
            and observations.source_id = replaced.source_id
            and observations.basis = replaced.basis
            and observations.segment = replaced.segment
            and observations.entity_type = replaced.entity_type
            and observations.entity_id = replaced.entity_id
            and observations.native_object = replaced.native_object
            and observations.period_start = replaced.period_start
            and observations.period_end = replaced.period_end
        where claim_rank = 1 and observations.value is not null {% if var("as_of") %} and false{% endif %}
    ),

    ways as (select source_id, metric_id, basis, any_value(kind) as kind from observations group by all),

    totals as (
        select
            reviewed.source_id,
            reviewed.metric_id,
            reviewed.basis,
            reviewed.entity_id,
            reviewed.year,
            any_value(reviewed.figures) as other_figures,
            any_value(reviewed.total) as other_value,
            count(observations.value) as figures,
            coalesce(sum(observations.value), 0) as value,
            coalesce(sum(observations.leeway), 0) as leeway
        from {{ source("catalog", "control_totals") }} as reviewed
        left join
            observations
            on reviewed.source_id = observations.source_id
            and reviewed.metric_id = observations.metric_id
            and reviewed.basis = observations.basis
            and reviewed.entity_id = observations.entity_id
            and reviewed.year = observations.year
            and observations.period_end <= reviewed.until
        group by all
    ),

    years as (
        select
            'control_total' as check_id,
            metric_id,
            source_id,
            basis,
            entity_id,
            make_date(year, 1, 1) as start_date,
            make_date(year + 1, 1, 1) as end_date,
            value,
            other_value,
            figures,
            other_figures,
            leeway
        from totals
    ),

    firsts as (
        select
            source_id,
            metric_id,
            basis,
            entity_id,
            period_start,
            arg_min(value, period_end) as value,
            arg_min(leeway, period_end) as leeway
        from observations
        where segment = 'all' and member = 'primary' and entity_type <> 'contender'
        group by all
    ),

    series as (
        select
            'anchor' as check_id,
            anchors.metric_id,
            anchors.source_id,
            anchors.basis,
            anchors.entity_id,
            anchors.start as start_date,
            (anchors.start + interval 1 month)::date as end_date,
            firsts.value,
            anchors.value as other_value,
            if(firsts.value is null, 0, 1)::bigint as figures,
            1::bigint as other_figures,
            coalesce(firsts.leeway, 0) as leeway
        from {{ source("catalog", "anchors") }} as anchors
        left join
            firsts
            on anchors.source_id = firsts.source_id
            and anchors.metric_id = firsts.metric_id
            and anchors.basis = firsts.basis
            and anchors.entity_id = firsts.entity_id
            and anchors.start = firsts.period_start
    ),

    compared as (
        select *
        from years
        union all by name
        select *
        from series
    ),

    different as (
        select compared.*
        from compared
        inner join ways using (source_id, metric_id, basis)
        where
            figures < other_figures
            or value is null
            or (
                abs(value - other_value) > leeway + if(kind = 'index', 0.05, 0.01) * greatest(abs(other_value), 1e-9)
                and (figures = other_figures or value < other_value)
            )
    ),

    final as (
        select different.* exclude (leeway), min(register.decision) as decision, any_value(register.why) as why
        from different
        left join
            {{ source("catalog", "register") }} as register
            on different.check_id = register.check_id
            and {{ is_accepted("register", "different", "different.entity_id", "'all'", "start_date") }}
        group by all
    )

select *
from final
