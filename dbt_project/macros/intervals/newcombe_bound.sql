{# A bound of the difference of two independent shares, in points: Newcombe's, from the Wilson intervals of both. #}
{% macro newcombe_bound(sign, share, bound, prior_share, prior_bound) -%}
    ({{ share }})
    - (
        {{ prior_share }}
    ) {{ sign }} sqrt(power(({{ share }}) - ({{ bound }}), 2) + power(({{ prior_bound }}) - ({{ prior_share }}), 2))
{%- endmacro %}
