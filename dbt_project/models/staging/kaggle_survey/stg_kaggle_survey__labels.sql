-- What an edition offered: its options and the roles its respondents named, by their meaning. Two editions compare less well where
-- these differ.
with

offered as (
    select edition, 'option' as dimension, option_label as label from {{ current_rows('kaggle_survey', 'options') }}
    union
    select option_sets.edition, 'role' as dimension, coalesce(aliases.meaning, option_sets.role) as label
    from {{ current_rows('kaggle_survey', 'option_sets') }} as option_sets
    left join {{ source('catalog', 'survey_aliases') }} as aliases
        on aliases.source_id = 'kaggle_survey' and aliases.dimension = 'role' and option_sets.role = aliases.label
    where option_sets.role <> ''
),

final as (
    select 'kaggle_survey' as source_id, edition::integer as edition, dimension, label from offered
)

select * from final
