-- Members combined into contenders, by the rule that the catalog gives the metric. A source that counts distinct
-- respondents itself emits its contenders in staging; they pass through.
--   primary, none   the representing member stands for the contender, by name
--   sum             disjoint parts are added, if all of them are there
--   interval        only the parts are known: the whole lies in [largest part, least of their sum and the total]
with

observations as (
    select * from {{ ref('int_observations__named') }}
),

-- a member counts if it belonged to the contender when the period began
memberships as (
    select observations.*, members.contender_id, members.is_representative, metrics.combine
    from observations
    inner join {{ source('catalog', 'members') }} as members
        on observations.entity_type = 'framework' and observations.member = 'primary'
        and observations.entity_id = members.framework_id
        and observations.period_start >= coalesce(members.valid_from, date '0001-01-01')
        and observations.period_start < coalesce(members.valid_until, date '9999-12-31')
    inner join {{ source('catalog', 'metrics') }} as metrics using (metric_id)
),

expected as (
    select
        sources.source_id, members.contender_id, members.framework_id, members.valid_from, members.valid_until
    from {{ source('catalog', 'members') }} as members
    inner join {{ source('catalog', 'names') }} as names
        on members.framework_id = names.entity_id and names.entity_type = 'framework'
        and names.member = 'primary' and names.name = names.native_object
    inner join {{ source('catalog', 'sources') }} as sources using (namespace)
),

represented as (
    select * exclude (entity_type, entity_id, contender_id, is_representative, combine), 'contender' as entity_type, contender_id as entity_id
    from memberships
    where is_representative and combine in ('primary', 'none')
),

parts as (
    select
        metric_id, source_id, segment, basis, period_start, period_end, contender_id, combine,
        sum(value) as total, max(value) as largest, sum(numerator) as numerators, max(numerator) as largest_numerator,
        any_value(denominator) as denominator, count(value) as found,
        any_value(instrument) as instrument, any_value(extract_id) as extract_id, max(landed_at) as landed_at,
        max(available_at) as available_at,
        string_agg(native_name, ' + ' order by native_name) as native_name
    from memberships
    where combine in ('sum', 'interval')
    group by all
),

counted as (
    select parts.*, count(expected.framework_id) as wanted
    from parts
    left join expected
        on parts.source_id = expected.source_id and parts.contender_id = expected.contender_id
        and parts.period_start >= coalesce(expected.valid_from, date '0001-01-01')
        and parts.period_start < coalesce(expected.valid_until, date '9999-12-31')
    group by all
),

added as (
    select
        metric_id, source_id, native_name, segment, basis, period_start, period_end, total as value,
        numerators as numerator, denominator, null as low, null as high, null as interval_kind, instrument, extract_id,
        landed_at, available_at, contender_id as native_object, 'primary' as member, 'contender' as entity_type,
        contender_id as entity_id
    from counted
    where found = wanted and (combine = 'sum' or wanted = 1)
),

bounded as (
    select
        metric_id, source_id, native_name, segment, basis, period_start, period_end, null as value, null as numerator,
        denominator, coalesce(100 * largest_numerator / denominator, largest) as low,
        coalesce(100 * least(numerators, denominator) / denominator, total) as high, 'bound' as interval_kind,
        instrument, extract_id, landed_at, available_at, contender_id as native_object, 'primary' as member,
        'contender' as entity_type, contender_id as entity_id
    from counted
    where found = wanted and combine = 'interval' and wanted > 1
),

final as (
    select * from observations
    union all by name
    select * from represented
    union all by name
    select * from added
    union all by name
    select * from bounded
)

select * from final
