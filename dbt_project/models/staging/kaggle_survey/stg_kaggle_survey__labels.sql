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

    final as ({{ labels_by_meaning("kaggle_survey") }})

select *
from final
