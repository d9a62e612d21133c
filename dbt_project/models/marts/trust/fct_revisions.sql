-- Figures that a publisher changed: the same fact, said by two extracts of one source, one landed after the other.
-- Where the later extract of the same scope no longer has the fact, it was withdrawn.
with

    extracts as (
        select *
        from {{ ref("stg_landing__extracts") }}
        where status = 'loaded' and coalesce(rows_rejected, 0) = 0 and not is_withdrawn
    ),

    numbers as (
        select
            null::varchar as source_id,
            null::varchar as table_name,
            null::varchar as fact,
            null::varchar as extract_id,
            null::struct(column_name varchar, value double) as number
        where false
        {% for raw in var("restated_tables") %}
            union all
            select
                '{{ raw.source }}',
                '{{ raw.table }}',
                to_json(
                    struct_pack(
                        {% for column in raw.key %}
                            "{{ column }}" := "{{ column }}"{{ ", " if not loop.last }}
                        {% endfor %}
                    )
                )::varchar,
                extract_id,
                unnest(
                    [
                        {% for column in raw.numbers %}
                            struct_pack(
                                column_name := '{{ column }}', value := "{{ column }}"::double
                            ){{ "," if not loop.last }}
                        {% endfor %}
                    ]
                )
            from {{ source(raw.source, raw.table) }}
        {% endfor %}
    ),

    versions as (select * exclude (number), number.column_name, number.value from numbers),

    said as (
        select
            versions.*,
            extracts.landed_at,
            extracts.scope_key,
            lag(versions.value) over claims as value_before,
            lag(versions.extract_id) over claims as extract_id_before,
            lag(extracts.landed_at) over claims as landed_at_before
        from versions
        inner join extracts using (source_id, extract_id)
        window
            claims as (
                partition by versions.source_id, versions.table_name, versions.fact, versions.column_name
                order by extracts.landed_at, versions.extract_id
            )
    ),

    restated as (
        select
            'restated' as kind,
            source_id,
            table_name,
            fact,
            column_name,
            value_before,
            value,
            extract_id_before,
            extract_id,
            landed_at_before,
            landed_at
        from said
        where extract_id_before is not null and value is distinct from value_before
    ),

    followed as (
        select
            extract_id, lead(extract_id) over scopes as next_extract_id, lead(landed_at) over scopes as next_landed_at
        from extracts
        window scopes as (partition by source_id, scope_key order by landed_at, extract_id)
    ),

    withdrawn as (
        select
            'withdrawn' as kind,
            said.source_id,
            said.table_name,
            said.fact,
            said.column_name,
            said.value as value_before,
            null::double as value,
            said.extract_id as extract_id_before,
            followed.next_extract_id as extract_id,
            said.landed_at as landed_at_before,
            followed.next_landed_at as landed_at
        from said
        inner join followed using (extract_id)
        anti join
            said as still
            on still.extract_id = followed.next_extract_id
            and (still.table_name, still.fact, still.column_name) = (said.table_name, said.fact, said.column_name)
        where followed.next_extract_id is not null
    ),

    final as (
        select *, value - value_before as difference, 100.0 * (value / nullif(value_before, 0) - 1) as difference_pct
        from
            (
                select *
                from restated
                union all by name
                select *
                from withdrawn
            ) as both_kinds
    )

select *
from final
