{# Who is ahead, given what is known of both: only where one interval lies wholly above the other. #}
{% macro leading_contender(lowest, highest, other_lowest, other_highest) -%}
    case
        when ({{ lowest }}) > ({{ other_highest }})
        then 'leads'
        when ({{ highest }}) < ({{ other_lowest }})
        then 'trails'
        else 'inconclusive'
    end
{%- endmacro %}
