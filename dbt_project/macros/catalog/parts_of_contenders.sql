{# The frameworks whose figures make a contender's figure in a metric: all its members where they are put together, else
   the one that represents it. #}
{% macro parts_of_contenders() -%}
    select metrics.metric_id, members.contender_id, list(members.framework_id) as frameworks
    from {{ source("catalog", "members") }} as members
    cross join {{ source("catalog", "metrics") }} as metrics
    where members.is_representative or metrics.combine not in ('primary', 'none')
    group by all
{%- endmacro %}
