-- Observations of entities that the catalog knows. Where two extracts speak of the same fact each is a row; the one
-- landed later has `claim_rank` 1.
with

observations as (
    select * from {{ ref('int_observations__unioned') }}
),

sources as (
    select source_id, namespace from {{ source('catalog', 'sources') }}
),

resolved as (
    select
        observations.* exclude (entity_type, entity_id),
        coalesce(observations.entity_type, names.entity_type) as entity_type,
        coalesce(observations.entity_id, names.entity_id) as entity_id,
        coalesce(names.native_object, observations.native_name) as native_object,
        coalesce(names.member, 'primary') as member
    from observations
    inner join sources using (source_id)
    left join {{ source('catalog', 'names') }} as names
        on observations.entity_id is null
        and names.namespace = sources.namespace
        and names.name = observations.native_name
        and observations.period_start >= coalesce(names.valid_from, date '0001-01-01')
        and observations.period_start < coalesce(names.valid_until, date '9999-12-31')
),

final as (
    select
        *,
        row_number() over (
            partition by metric_id, source_id, basis, segment, entity_type, entity_id, native_object, period_start, period_end
            order by landed_at desc, extract_id desc
        ) as claim_rank
    from resolved
    where entity_id is not null
)

select * from final
