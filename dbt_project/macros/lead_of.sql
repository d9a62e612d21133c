{# Who is ahead, given what is known of both: only where one interval lies wholly above the other. #}
{% macro lead_of(lowest, highest, other_lowest, other_highest) -%}
    case
        when ({{ lowest }}) > ({{ other_highest }}) then 'leads'
        when ({{ highest }}) < ({{ other_lowest }}) then 'trails'
        else 'cannot be said'
    end
{%- endmacro %}

{# One verdict out of several: what all of them say, else `otherwise`; null where there is none. #}
{% macro agreed(column, otherwise) -%}
    case when count({{ column }}) = 0 then null when min({{ column }}) = max({{ column }}) then min({{ column }}) else '{{ otherwise }}' end
{%- endmacro %}
