-- Growth of every package of a source from one year to the next, contenders and packages known to move with them
-- left out. Null across a break is left to the mart, which joins only comparable years.
with

population as (
    select * from {{ ref('int_baseline__population') }}
),

left_out as (
    select name from {{ source('catalog', 'baseline_exclusions') }}
    union
    select names.name
    from {{ source('catalog', 'names') }} as names
    inner join {{ source('catalog', 'entities') }} as entities using (entity_type, entity_id)
    where entities.role = 'contender'
),

final as (
    select
        current_year.metric_id, current_year.source_id, current_year.basis, current_year.year, current_year.external_name,
        100.0 * (current_year.value / prior.value - 1) as growth_pct
    from population as current_year
    inner join population as prior
        on current_year.metric_id = prior.metric_id and current_year.source_id = prior.source_id
        and current_year.basis = prior.basis and current_year.external_name = prior.external_name
        and current_year.year = prior.year + 1
    anti join left_out on current_year.external_name = left_out.name
    where prior.value > 0
)

select * from final
