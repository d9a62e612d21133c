-- Kinds of intervals never mix, and only one that comes from sampling lies around a value.
{% for relation in ["fct_observations", "fct_adoption_monthly", "fct_adoption_yearly"] %}
    select '{{ relation }}' as relation, series_id, value, low, high, interval_kind
    from {{ ref(relation) }}
    where
        interval_kind not in ('bound', 'sampling', 'censoring', 'bracket', 'companion')
        or (interval_kind is null) <> (low is null and high is null)
        or (value is not null and interval_kind <> 'sampling')
        or (value is null and low is null and high is null)
        {{ "union all" if not loop.last }}
{% endfor %}
