-- Whose figures these are: publisher, licence, how to cite them, how to get more, and what is known to distort them.
--
-- source_id: Identity of the source.
-- source: What people call it.
-- publisher: Who publishes the figures.
-- licences: The licences that its figures stand under; where the publisher states none, it says so.
-- citation: How to name the source.
-- how_to_get: How to get what is missing.
-- best_grade: The best grade that its figures can have.
-- biases: What is known to distort them, each with its grade.
-- extracts: How many extracts are available; 0 where nothing is.
-- first_period_date: First day of what they cover.
-- last_period_date: Day after the last day of what they cover.
select
    sources.source_id,
    sources.label as source,
    sources.publisher,
    string_agg(distinct licences.licence, '; ' order by licences.licence) as licences,
    sources.citation,
    sources.how_to_get,
    sources.best_grade,
    sources.biases,
    sum(licences.extracts)::integer as extracts,
    min(licences.first_period_date) as first_period_date,
    max(licences.last_period_date) as last_period_date
from marts.dim_sources as sources
left join meta.licences as licences using (source_id)
group by all
