{# A view takes the place of the one before within one transaction, as tables do (`materialization_table`). #}
{% materialization view, adapter = "duckdb" %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type="view") -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement("main") -%}
        {%- if existing %} drop {{ existing.type }} {{ existing }}
            ;
        {% endif -%}
        {{ create_view_as(target, compiled_code) }}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}
