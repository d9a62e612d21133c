-- What an edition offered: its options and the roles its respondents named, by their meaning. Two editions compare less
-- well where these differ.
with

    offered as (
        select edition, 'option' as dimension, option_label as label
        from {{ edition_rows("kaggle_survey", "options") }}
        union
        select edition, 'role' as dimension, role as label
        from {{ edition_rows("kaggle_survey", "option_sets") }}
        where role <> ''
    ),

    final as (
        select distinct
            'kaggle_survey' as source_id,
            offered.edition::integer as edition,
            offered.dimension,
            coalesce(aliases.meaning, offered.label) as label
        from offered
        left join
            {{ source("catalog", "survey_aliases") }} as aliases
            on aliases.source_id = 'kaggle_survey'
            and offered.dimension = aliases.dimension
            and offered.label = aliases.label
    )

select *
from final
