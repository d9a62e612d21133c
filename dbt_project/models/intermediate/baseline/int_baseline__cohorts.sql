-- The cohort of every comparison of downloads: the packages of the earlier list whose earlier figure is at least the
-- later list's smallest, so that one which fell out of the later list is known to have fallen; those have no later
-- figure. Over whole years (`month_numbers` is 1 to 12), and over the months that a year which lacks some shares with
-- the year before. What the catalog excludes is left out.
with

    population as (select * from {{ ref("int_baseline__population") }}),

    smallest as (select metric_id, source_id, basis, year, min(value) as smallest_value from population group by all),

    whole_years as (
        select
            earlier.metric_id,
            earlier.source_id,
            earlier.basis,
            smallest.year,
            range(1, 13)::integer[] as month_numbers,
            earlier.external_name,
            earlier.value as prior_value,
            later.value,
            smallest.smallest_value
        from population as earlier
        inner join
            smallest
            on earlier.metric_id = smallest.metric_id
            and earlier.source_id = smallest.source_id
            and earlier.basis = smallest.basis
            and earlier.year = smallest.year - 1
            and earlier.value >= smallest.smallest_value
        left join
            population as later
            on earlier.metric_id = later.metric_id
            and earlier.source_id = later.source_id
            and earlier.basis = later.basis
            and earlier.external_name = later.external_name
            and smallest.year = later.year
        where earlier.value > 0
    ),

    common_months as (
        {% for model in var("cohort_models") %}
            select metric_id, source_id, basis, year, month_numbers, external_name, prior_value, value, smallest_value
            from {{ ref(model) }} {{ "union all" if not loop.last }}
        {% else %}select * from whole_years where false
        {% endfor %}
    ),

    final as (
        select cohorts.*
        from
            (
                select *
                from whole_years
                union all by name
                select *
                from common_months
                union all by name
                select *
                from {{ ref("int_baseline__by_month") }}
            ) as cohorts
        anti join {{ source("catalog", "baseline_exclusions") }} as left_out on cohorts.external_name = left_out.name
    )

select *
from final
