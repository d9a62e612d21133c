-- What can be zero or negative has no percentage, and a low end is never above its high end. A billionth is left for
-- rounding. Changes of shares are points, and may be what they are.
{% set checked = [
    ("fct_adoption_yoy", "yoy_pct", "yoy_low", "yoy_high"),
    ("fct_adoption_yoy", "net_additions_pct", "net_additions_low", "net_additions_high"),
    ("fct_adoption_yoy", "yoy_common_pct", "yoy_common_low", "yoy_common_high"),
    ("fct_adoption_yoy", "null", "ranking_low", "ranking_high"),
    ("fct_adoption_yoy", "null", "yoy_standardised_low", "yoy_standardised_high"),
    ("fct_momentum", "change", "change_low", "change_high"),
    ("fct_momentum", "null", "low", "high"),
    ("fct_crossovers", "null", "low", "high"),
] %}
{% for relation, change, low, high in checked %}
    select
        '{{ relation }}' as relation,
        '{{ change }}' as change,
        {{ change }}::double as value,
        {{ low }}::double as low,
        {{ high }}::double as high
    from {{ ref(relation) }}
    where
        {{ low }} > {{ high }} + 1e-9 * abs({{ high }})
        {% if change != "null" %}
            or {{ change }} < -100.000000001 {% if relation == "fct_momentum" %} and kind <> 'share'{% endif %}
        {% endif %}

        {{ "union all" if not loop.last }}
{% endfor %}
