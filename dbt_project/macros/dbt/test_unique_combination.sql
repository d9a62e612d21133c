{# Every row has a key, and no two rows share one. #}
{% test unique_combination(model, columns) %}
    select {{ columns | join(", ") }}, count(*) as rows_with_this_key
    from {{ model }}
    group by all
    having count(*) > 1 or {{ columns | join(" is null or ") }} is null
{% endtest %}
