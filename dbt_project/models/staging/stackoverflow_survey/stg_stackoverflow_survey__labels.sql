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

    final as ({{ labels_by_meaning("stackoverflow_survey") }})

select *
from final
