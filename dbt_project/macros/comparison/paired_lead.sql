{# Who is ahead of two options of one sample, by counts out of the same total: the difference of paired shares beyond
   chance (95 %). How many named both is not known here, so the widest interval is taken that the counts allow. #}
{% macro paired_lead(count, other, total) -%}
    {%- set discordant = (
        "(("
        ~ count
        ~ ") + ("
        ~ other
        ~ ") - 2 * greatest(0, ("
        ~ count
        ~ ") + ("
        ~ other
        ~ ") - ("
        ~ total
        ~ ")))"
    ) -%}
    case
        when
            abs(({{ count }}) - ({{ other }}))
            <= 1.959964 * sqrt(greatest(0, {{ discordant }} - power(({{ count }}) - ({{ other }}), 2) / ({{ total }})))
        then 'inconclusive'
        when ({{ count }}) > ({{ other }})
        then 'leads'
        else 'trails'
    end
{%- endmacro %}
