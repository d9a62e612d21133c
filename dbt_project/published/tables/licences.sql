-- Under which licence each source's figures stand: one row per source and licence that its extracts were landed with.
--
-- source_id: Identity of the source.
-- publisher: Who publishes the figures.
-- licence: Licence stated by the publisher, or that none is stated: then no permission is claimed here.
-- citation: How to name the source.
-- extracts: How many extracts were landed under this licence; 0 where nothing is available.
-- first_period_date: First day of what they cover.
-- last_period_date: Day after the last day of what they cover.
select
    sources.source_id,
    sources.publisher,
    coalesce(extracts.licence, sources.licence) as licence,
    sources.citation,
    count(extracts.extract_id) as extracts,
    min(extracts.period_start) as first_period_date,
    max(extracts.period_end) as last_period_date
from meta.sources as sources
left join meta.extracts as extracts on sources.source_id = extracts.source_id and extracts.kind = 'landed'
group by all
