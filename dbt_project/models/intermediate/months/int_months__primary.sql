{{ config(materialized="view") }}
-- The months of headline members: what everything but the choice of other members is made of.
select *
from {{ ref("int_months__resolved") }}
where member = 'primary'
