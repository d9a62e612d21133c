-- The change of a survey share if the mix of countries and roles had stayed as it was: shares of both years weighted by
-- the year before, over the cells that answered in both. `standardised_coverage_pct` is the weight of those cells;
-- under 80 nothing is said. The interval is that of a weighted difference of independent samples. Where respondents may
-- name several roles, cells by role overlap: such a survey is standardised by country only.
with

    by_country_and_role as (
        unpivot {{ ref("stg_kaggle_survey__cells") }} on all_respondents,
        answering,
        using_any into name basis value respondents
    ),

    by_country as (
        unpivot (
            select * exclude (dimension, label), label as country, '' as role
            from {{ ref("stg_stackoverflow_survey__cells") }}
            where dimension = 'country'
        )
        on all_respondents,
        answering into name basis value respondents
    ),

    cells as (
        select
            'kaggle_survey' as source_id,
            edition,
            country,
            role,
            entity_type,
            entity_id,
            basis,
            respondents,
            using_entity
        from by_country_and_role
        union all
        select 'stackoverflow_survey', edition, country, role, entity_type, entity_id, basis, respondents, using_entity
        from by_country
    ),

    weights as (
        select source_id, edition, entity_type, entity_id, basis, sum(respondents) as respondents
        from cells
        group by all
    ),

    shared as (
        select
            source_id,
            current_edition.edition,
            current_edition.entity_type,
            current_edition.entity_id,
            basis,
            sum(prior.respondents) as weight,
            -- in one order, so that the last digit does not depend on the build
            sum(
                prior.respondents
                * (current_edition.using_entity / current_edition.respondents - prior.using_entity / prior.respondents)
                order by country, role
            ) as weighted_change,
            -- of each cell's two shares, with one added to both answers, so that a cell of one opinion is
            -- not certain
            sum(
                power(prior.respondents, 2) * (
                    {% for side in ["current_edition", "prior"] -%}
                        ({{ side }}.using_entity + 1)
                        * ({{ side }}.respondents - {{ side }}.using_entity + 1)
                        / power({{ side }}.respondents + 2, 3)
                        {{- " + " if not loop.last }}
                    {% endfor -%}
                )
                order by country, role
            ) as weighted_variance
        from cells as current_edition
        inner join cells as prior using (source_id, country, role, entity_type, entity_id, basis)
        where current_edition.edition = prior.edition + 1 and current_edition.respondents > 0 and prior.respondents > 0
        group by all
    ),

    weighted as (
        select
            shared.source_id,
            shared.edition::integer as year,
            shared.entity_type,
            shared.entity_id,
            shared.basis,
            100.0 * shared.weighted_change / shared.weight as change,
            100.0 * 1.959964 * sqrt(shared.weighted_variance) / shared.weight as half_width,
            100.0 * shared.weight / weights.respondents as standardised_coverage_pct
        from shared
        inner join
            weights
            on shared.source_id = weights.source_id
            and shared.edition = weights.edition + 1
            and shared.entity_type = weights.entity_type
            and shared.entity_id = weights.entity_id
            and shared.basis = weights.basis
    ),

    -- under four fifths of the weight the cells that answered in both years are not the mix of the year before
    final as (
        select
            * exclude (change, half_width),
            if(standardised_coverage_pct >= 80, change, null) as yoy_standardised,
            if(standardised_coverage_pct >= 80, change - half_width, null) as yoy_standardised_low,
            if(standardised_coverage_pct >= 80, change + half_width, null) as yoy_standardised_high
        from weighted
    )

select *
from final
