{# A table takes the place of the one before within one transaction; it stands in place of dbt's materialization of this
   name, which makes each table under another name and renames two: a quarter of what dbt takes for a model. Readers see
   the table before or the one after either way, and no reader has the work file open. #}
{% materialization table, adapter = "duckdb" %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type="table") -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement("main") -%}
        {%- if existing %} drop {{ existing.type }} {{ existing }}
            ;
        {% endif -%}
        {{ create_table_as(False, target, compiled_code) }}
    {%- endcall %}
    {% do create_indexes(target) %}
    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}
