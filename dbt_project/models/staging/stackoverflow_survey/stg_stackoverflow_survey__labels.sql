-- What an edition offered: its options and the roles its respondents named, by their meaning. Roles are known only
-- where respondents could be counted.
with

    offered as (
        select edition, 'option' as dimension, option_label as label
        from {{ edition_rows("stackoverflow_survey", "options") }}
        union
        select edition, 'option' as dimension, option_label as label
        from {{ edition_rows("stackoverflow_survey", "subset_options") }}
        union
        select edition, 'role' as dimension, unnest(roles) as label
        from {{ edition_rows("stackoverflow_survey", "option_sets") }}
    ),

    final as (
        select distinct
            'stackoverflow_survey' as source_id,
            offered.edition::integer as edition,
            offered.dimension,
            coalesce(aliases.meaning, offered.label) as label
        from offered
        left join
            {{ source("catalog", "survey_aliases") }} as aliases
            on aliases.source_id = 'stackoverflow_survey'
            and offered.dimension = aliases.dimension
            and offered.label = aliases.label
    )

select *
from final
