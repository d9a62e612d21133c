-- The year, if it is one of those that the file speaks of; any other is an error that names the first and last.
--
-- calendar_year: a calendar year
-- returns: the year
-- example: select year_named({year})
create macro year_named(calendar_year) as coalesce(
    (select first(coverage.year) from marts.fct_coverage as coverage where coverage.year = calendar_year),
    error(
        'The file says nothing of ' || coalesce(calendar_year::varchar, 'null') || '; its years are '
        || (select min(coverage.year) || ' to ' || max(coverage.year) from marts.fct_coverage as coverage)
    )
)
