-- What the stocks of a pair of contenders gained in a year over the longest stretch of it that is available of both,
-- three months or more.
with

    -- the end of December closes one year and opens the next
    ends as (
        select *, year(end_date)::integer as year
        from {{ ref("int_leads__month_ends") }}
        union all
        select *, year(end_date)::integer - 1 as year
        from {{ ref("int_leads__month_ends") }}
        where month(end_date) = 1
    ),

    stretches as (
        select
            year,
            metric_id,
            source_id,
            basis,
            segment,
            entity_id,
            series_id,
            unit,
            preference,
            stretch,
            min(end_date) as first_date,
            max(end_date) as last_date
        from ends
        group by all
    ),

    pairs as (
        select
            me.year,
            me.metric_id,
            me.source_id,
            me.basis,
            me.segment,
            me.entity_id,
            other.entity_id as against_entity_id,
            me.unit,
            me.preference,
            me.series_id,
            other.series_id as against_series_id,
            greatest(me.first_date, other.first_date) as first_date,
            least(me.last_date, other.last_date) as last_date
        from {{ ref("int_pairs__materialised") }} as wanted
        inner join stretches as me on wanted.entity_id = me.entity_id
        inner join
            stretches as other
            on wanted.against_entity_id = other.entity_id
            and me.year = other.year
            and me.metric_id = other.metric_id
            and me.source_id = other.source_id
            and me.basis = other.basis
            and me.segment = other.segment
    ),

    longest as (
        select *, date_diff('month', first_date, last_date)::integer as common_months
        from pairs
        where common_months >= 3
        qualify
            row_number() over (
                partition by year, series_id, against_series_id order by common_months desc, last_date desc
            )
            = 1
    ),

    -- side by side: all four ends in one join would meet by their dates alone, every series with every other one
    mine as materialized(
        select
            longest.*,
            my_last.value - my_first.value as value,
            if(my_last.value is null or my_first.value is null, my_last.lowest - my_first.highest, null) as low,
            if(my_last.value is null or my_first.value is null, my_last.highest - my_first.lowest, null) as high,
            my_last.value as total,
            if(my_last.value is null, my_last.lowest, null) as total_low,
            if(my_last.value is null, my_last.highest, null) as total_high,
            my_last.grade as last_grade,
            my_first.grade as first_grade
        from longest
        inner join
            {{ ref("int_leads__month_ends") }} as my_first
            on longest.series_id = my_first.series_id
            and longest.first_date = my_first.end_date
        inner join
            {{ ref("int_leads__month_ends") }} as my_last
            on longest.series_id = my_last.series_id
            and longest.last_date = my_last.end_date
    ),

    opened as materialized(
        select
            mine.*,
            its_first.value as its_first_value,
            its_first.lowest as its_first_lowest,
            its_first.highest as its_first_highest,
            its_first.grade as its_first_grade
        from mine
        inner join
            {{ ref("int_leads__month_ends") }} as its_first
            on mine.against_series_id = its_first.series_id
            and mine.first_date = its_first.end_date
    ),

    final as (
        select
            opened.* exclude (
                series_id,
                against_series_id,
                first_date,
                last_date,
                first_grade,
                last_grade,
                its_first_value,
                its_first_lowest,
                its_first_highest,
                its_first_grade
            ),
            its_last.value - its_first_value as against_value,
            if(
                its_last.value is null or its_first_value is null, its_last.lowest - its_first_highest, null
            ) as against_low,
            if(
                its_last.value is null or its_first_value is null, its_last.highest - its_first_lowest, null
            ) as against_high,
            its_last.value as against_total,
            if(its_last.value is null, its_last.lowest, null) as against_total_low,
            if(its_last.value is null, its_last.highest, null) as against_total_high,
            {{ worst_grade(["last_grade", "first_grade", "its_last.grade", "its_first_grade"]) }} as worst_month
        from opened
        inner join
            {{ ref("int_leads__month_ends") }} as its_last
            on opened.against_series_id = its_last.series_id
            and opened.last_date = its_last.end_date
    )

select *
from final
