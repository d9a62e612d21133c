-- The year, channel by channel: every contender for every metric, known or not, in its preferred way of counting. A
-- metric that has parts only is shown part by part; context that names no framework is shown by market.
-- what could be shown: a contender in every metric, a market in the metrics that name it
-- the ratio on the best way of counting that holds both, even if each is shown on another
-- what the other comparable ways of counting of the same source say
with final as (select * from {{ ref("int_review__rows") }}) select * from final
