{# Whether one count lies above another beyond chance (95 %) and by more than a twentieth: the ratio of two counts on a
   logarithmic scale where both are positive, else their difference. #}
{% macro surely_exceeds(count, other) -%}
    case
        when least({{ count }}, {{ other }}) > 0
        then
            ({{ count }}) > 1.05 * ({{ other }})
            and ln(({{ count }}) / ({{ other }})) > 1.959964 * sqrt(1.0 / ({{ count }}) + 1.0 / ({{ other }}))
        else ({{ count }}) - ({{ other }}) > 1.959964 * sqrt(abs({{ count }}) + abs({{ other }}))
    end
{%- endmacro %}
