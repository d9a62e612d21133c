{# The pace of what was added against what was added before, from the ends of both: faster or slower beyond chance and a
   twentieth, steady where both are known and neither, inconclusive where bounds leave it open; null where one is
   unknown. #}
{% macro pace_of(lowest, highest, prior_lowest, prior_highest) -%}
    case
        when {{ surely_exceeds(lowest, prior_highest) }}
        then 'faster'
        when {{ surely_exceeds(prior_lowest, highest) }}
        then 'slower'
        when ({{ lowest }}) = ({{ highest }}) and ({{ prior_lowest }}) = ({{ prior_highest }})
        then 'steady'
        when ({{ highest }}) - ({{ lowest }}) + ({{ prior_highest }}) - ({{ prior_lowest }}) is not null
        then 'inconclusive'
    end
{%- endmacro %}
