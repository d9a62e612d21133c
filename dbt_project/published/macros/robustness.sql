-- Do the headlines of a contender stand, alone and against any other one, if one admissible choice is varied at a time?
-- It is what marts.fct_robustness holds of the focus of the review, made by the same SQL when it is asked for.
--
-- a: an id or label of a contender, written out; a member means its contender
-- b: another
-- returns: a row per headline, year, metric, segment and choice, as in marts.fct_robustness
-- example: from robustness({benchmark}, {focus}) where year = {year}
create macro robustness(a, b) as table
select *
from query({fct_robustness})
where entity_id = contender_named(a)
