{# Where a figure lies at least ('low', '-') or at most ('high', '+') when it is set against others; null where it may
   not be: of a period that is not whole. A stock between two snapshots may be. A small count of which only bounds are
   known is subject to chance as well. #}
{% macro ranking_bound(bound, sign, value, denominator, kind, interval_kind, is_complete) -%}
    case
        when not {{ is_complete }} and {{ interval_kind }} is distinct from 'bracket'
        then null
        when {{ kind }} = 'share' and {{ interval_kind }} = 'bound' and {{ denominator }} is not null
        then {{ wilson_bound(bound ~ " * " ~ denominator ~ " / 100", denominator, sign) }}
        when {{ kind }} = 'rate' and {{ interval_kind }} = 'bound'
        then 10 * {{ wilson_bound(bound ~ " * " ~ denominator ~ " / 1000", denominator, sign) }}
        else coalesce({{ bound }}, {{ value }})
    end
{%- endmacro %}
