-- Shares of respondents by segment (all, a role, a country) and denominator. Blank roles are in `all` only.
with

    cells as (select * from {{ ref("stg_kaggle_survey__cells") }}),

    segmented as (
        select 'all' as segment, *
        from cells
        union all
        select 'role=' || role, *
        from cells
        where role <> ''
        union all
        select 'country=' || country, *
        from cells
        where country <> ''
    ),

    counted as (
        select
            edition,
            segment,
            entity_type,
            entity_id,
            question,
            sum(all_respondents) as all_respondents,
            sum(answering) as answering,
            sum(using_any) as using_any,
            sum(using_entity) as using_entity,
            any_value(extract_id) as extract_id,
            max(landed_at) as landed_at,
            max(available_at) as available_at
        from segmented
        group by all
    ),

    by_denominator as (unpivot counted on all_respondents, answering, using_any into name basis value denominator),

    observations as (
        select
            'kaggle_survey' as metric_id,
            'kaggle_survey' as source_id,
            shares.entity_type,
            shares.entity_id,
            shares.entity_id as external_name,
            shares.segment,
            shares.basis,
            editions.fieldwork_start_date as period_start,
            editions.fieldwork_end_date as period_end,
            100.0 * shares.using_entity / shares.denominator as value,
            shares.using_entity as numerator,
            shares.denominator,
            {{ wilson_bound("shares.using_entity", "shares.denominator", "-") }} as low,
            {{ wilson_bound("shares.using_entity", "shares.denominator", "+") }} as high,
            'sampling' as interval_kind,
            shares.question as instrument,
            shares.extract_id,
            shares.landed_at,
            shares.available_at
        from by_denominator as shares
        inner join
            {{ source("catalog", "survey_editions") }} as editions
            on shares.edition = editions.edition
            and editions.source_id = 'kaggle_survey'
        where shares.denominator > 0
    ),

    final as ({{ select_observations("observations") }})

select *
from final
