-- In which month did one of any two contenders pass the other, and stay ahead? It is what marts.fct_crossovers holds of
-- the focus of the review, made by the same SQL when it is asked for.
--
-- a: an id or label of a contender, written out; a member means its contender
-- b: another
-- returns: a row per metric, source, basis and passing, of either past the other, as in marts.fct_crossovers
-- example: from crossovers({benchmark}, {focus})
create macro crossovers(a, b) as table
select *
from query({fct_crossovers})
