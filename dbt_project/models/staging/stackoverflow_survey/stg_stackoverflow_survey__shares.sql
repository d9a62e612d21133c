-- Shares of respondents by option and denominator; published bounds on unions of options; and, where respondents could
-- be counted, shares of contenders, countries and roles. A published union belongs to the contender whose primary
-- options it names, all of them and no other; it says nothing more where the union was counted. Options of a part of
-- those who answered have a basis of their own, named by that part.
with

    options as (select * from {{ edition_rows("stackoverflow_survey", "options") }}),

    subset_options as (select * from {{ edition_rows("stackoverflow_survey", "subset_options") }}),

    unions as (
        select *, row_number() over () as union_number from {{ edition_rows("stackoverflow_survey", "unions") }}
    ),

    editions as (select * from {{ source("catalog", "survey_editions") }} where source_id = 'stackoverflow_survey'),

    cells as (select * from {{ ref("stg_stackoverflow_survey__cells") }}),

    cells_by_denominator as (unpivot cells on answering, all_respondents into name basis value total),

    aliases as (
        select *
        from {{ source("catalog", "survey_aliases") }}
        where source_id = 'stackoverflow_survey' and dimension = 'option'
    ),

    -- a population known within a few is taken in its middle
    by_denominator as (
        select edition, option_label, respondents, basis, total, extract_id, landed_at, available_at
        from (unpivot options on answering, all_respondents into name basis value total)
        union all
        select
            edition,
            option_label,
            respondents,
            population,
            divide(population_low + population_high, 2),
            extract_id,
            landed_at,
            available_at
        from subset_options
    ),

    members as (
        select members.contender_id, list(names.name order by names.name) as labels
        from {{ source("catalog", "members") }} as members
        inner join
            {{ source("catalog", "names") }} as names
            on names.namespace = 'stackoverflow_survey'
            and names.member = 'primary'
            and names.entity_type = 'framework'
            and members.framework_id = names.entity_id
        group by all
    ),

    single as (
        select
            'all' as segment,
            null as entity_type,
            null as entity_id,
            coalesce(aliases.meaning, option_label) as external_name,
            basis,
            edition,
            100.0 * respondents / total as value,
            respondents as numerator,
            total as denominator,
            {{ wilson_bound("respondents", "total", "-") }} as low,
            {{ wilson_bound("respondents", "total", "+") }} as high,
            'sampling' as interval_kind,
            extract_id,
            landed_at,
            available_at
        from by_denominator
        left join aliases on by_denominator.option_label = aliases.label
    ),

    -- options of the whole are in `single` already
    counted as (
        select
            if(dimension = 'all', 'all', dimension || '=' || label) as segment,
            entity_type,
            entity_id,
            entity_id as external_name,
            basis,
            edition,
            100.0 * using_entity / total as value,
            using_entity as numerator,
            total as denominator,
            {{ wilson_bound("using_entity", "total", "-") }} as low,
            {{ wilson_bound("using_entity", "total", "+") }} as high,
            'sampling' as interval_kind,
            extract_id,
            landed_at,
            available_at
        from cells_by_denominator
        where total > 0 and if(dimension = 'all', entity_type = 'contender', label <> '')
    ),

    bounded as (
        select
            'all' as segment,
            'contender' as entity_type,
            members.contender_id as entity_id,
            array_to_string(unions.option_labels, ' or ') as external_name,
            'answering_' || unions.narrowed_by as basis,
            unions.edition,
            null as value,
            null as numerator,
            unions.answering as denominator,
            100.0 * unions.respondents_low / unions.answering as low,
            100.0 * unions.respondents_high / unions.answering as high,
            'bound' as interval_kind,
            unions.extract_id,
            unions.landed_at,
            unions.available_at
        from unions
        inner join members on list_sort(unions.option_labels) = members.labels
        anti join
            cells
            on cells.dimension = 'all'
            and cells.entity_type = 'contender'
            and unions.edition = cells.edition
            and members.contender_id = cells.entity_id
    ),

    observations as (
        select
            'stackoverflow_survey' as metric_id,
            'stackoverflow_survey' as source_id,
            shares.* exclude (edition),
            editions.fieldwork_start_date as period_start,
            editions.fieldwork_end_date as period_end,
            editions.question as instrument
        from
            (
                select *
                from single
                union all by name
                select *
                from counted
                union all by name
                select *
                from bounded
            ) as shares
        inner join editions using (edition)
    ),

    final as ({{ select_observations("observations") }})

select *
from final
