-- The brief of any two contenders: every year that is known of both, line by line. It is what marts.rpt_brief holds of
-- the focus of the review, made by the same SQL when it is asked for. The command line puts it into words.
--
-- a: an id or label of a contender, written out; a member means its contender
-- b: another
-- returns: a row per year and line, as in marts.rpt_brief without its sentence
-- example: from brief({benchmark}, {focus}) where year = {year}
create macro brief(a, b) as table
select * exclude (sentence)
from query({rpt_brief})
where entity_id = contender_named(a)
