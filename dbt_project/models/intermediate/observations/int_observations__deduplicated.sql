-- Observations of entities that the catalog knows. Where two extracts speak of the same fact each is a row; the one
-- landed later has `claim_rank` 1. A later answer of the publisher replaces all that it covers, also what it no longer
-- has; a file that somebody typed replaces only what it names.
with

    extracts as (select * from {{ ref("stg_landing__extracts") }} where is_current),

    covered as (
        select sooner.extract_id, later.period_start, later.period_end, later.terms
        from extracts as sooner
        inner join extracts as later using (source_id, table_name)
        where
            sooner.scope_label is not distinct from later.scope_label
            and (later.landed_at, later.extract_id) > (sooner.landed_at, sooner.extract_id)
            and later.request is not null
            and later.period_start < sooner.period_end
            and sooner.period_start < later.period_end
    ),

    observations as (
        select observations.*
        from {{ ref("int_observations__unioned") }} as observations
        anti join
            covered
            on observations.extract_id = covered.extract_id
            and observations.period_start >= covered.period_start
            and observations.period_end <= covered.period_end
            and (covered.terms is null or list_contains(covered.terms, observations.external_name))
    ),

    sources as (select source_id, namespace from {{ source("catalog", "sources") }}),

    resolved as (
        select
            observations.* exclude (entity_type, entity_id),
            coalesce(observations.entity_type, names.entity_type) as entity_type,
            coalesce(observations.entity_id, names.entity_id) as entity_id,
            coalesce(names.native_object, observations.external_name) as native_object,
            coalesce(names.member, 'primary') as member
        from observations
        inner join sources using (source_id)
        left join
            {{ source("catalog", "names") }} as names
            on observations.entity_id is null
            and names.namespace = sources.namespace
            and names.name = observations.external_name
            and observations.period_start >= coalesce(names.valid_from, date '0001-01-01')
            and observations.period_start < coalesce(names.valid_until, date '9999-12-31')
    ),

    final as (
        select
            *,
            row_number() over (
                partition by
                    metric_id,
                    source_id,
                    basis,
                    segment,
                    entity_type,
                    entity_id,
                    native_object,
                    period_start,
                    period_end
                order by landed_at desc, extract_id desc
            ) as claim_rank
        from resolved
        where entity_id is not null
    )

select *
from final
