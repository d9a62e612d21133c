-- What changed in a survey's options and roles since the edition before. A change of options costs every segment the
-- best grade; a change of roles makes the segments that are roles harder to compare.
with

    labels as (
        select *
        from {{ ref("stg_kaggle_survey__labels") }}
        union all
        select *
        from {{ ref("stg_stackoverflow_survey__labels") }}
    ),

    editions as (select distinct source_id, edition, dimension from labels),

    spans as (
        select later.source_id, later.edition, later.dimension
        from editions as later
        inner join
            editions as earlier
            on later.source_id = earlier.source_id
            and later.dimension = earlier.dimension
            and later.edition = earlier.edition + 1
    ),

    added as (
        select spans.*, '+' || labels.label as change
        from spans
        inner join labels using (source_id, edition, dimension)
        anti join
            labels as earlier
            on spans.source_id = earlier.source_id
            and spans.dimension = earlier.dimension
            and spans.edition = earlier.edition + 1
            and labels.label = earlier.label
    ),

    dropped as (
        select spans.*, '-' || earlier.label as change
        from spans
        inner join
            labels as earlier
            on spans.source_id = earlier.source_id
            and spans.dimension = earlier.dimension
            and spans.edition = earlier.edition + 1
        anti join
            labels as later
            on spans.source_id = later.source_id
            and spans.dimension = later.dimension
            and spans.edition = later.edition
            and earlier.label = later.label
    ),

    final as (
        select
            source_id,
            edition as year,
            dimension,
            dimension || 's changed: ' || string_agg(change, ', ' order by change) as reason,
            if(dimension = 'role', 'C', 'B') as grade
        from
            (
                select *
                from added
                union all
                select *
                from dropped
            )
        group by source_id, edition, dimension
    )

select *
from final
