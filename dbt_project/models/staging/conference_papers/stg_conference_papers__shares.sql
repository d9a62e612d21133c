-- Papers that name one family only, of all papers of the edition; a conference is a segment, and there is no whole.
with

    source as (select * from {{ current_rows("conference_papers", "editions") }} where all_papers > 0),

    observations as (
        select
            'conference_papers' as metric_id,
            'conference_papers' as source_id,
            family as external_name,
            'conference=' || conference as segment,
            'naming_one_family_only' as basis,
            month_date as period_start,
            (month_date + interval 1 month)::date as period_end,
            100.0 * papers / all_papers as value,
            papers as numerator,
            all_papers as denominator,
            extract_id,
            landed_at,
            available_at
        from source
    ),

    final as ({{ select_observations("observations") }})

select *
from final
