{# A table that is filled month by month: one statement for each month of the invocation, which replaces that month
   whole, so that memory is bounded by one month however many there are. Other months stay. What is broken off leaves a
   month as it was: deleting and inserting are one transaction. The SQL of the model reads the variables log_month and
   log_files. #}
{% materialization by_month, adapter='duckdb' %}
    {%- set relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {% for one in var('months') %}
        {%- call statement('month_' ~ loop.index) -%}
            set variable log_month = date '{{ one.month }}';
            set variable log_files = [
                {% for path in one.paths %}'{{ path | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor %}
            ];
            create table if not exists {{ relation }} as select * from ({{ sql }}) as model limit 0;
            delete from {{ relation }} where log_month = date '{{ one.month }}';
            insert into {{ relation }} by name {{ sql }}
        {%- endcall -%}
    {% endfor %}
    {% call statement('main') %}
        select count(*) from {{ relation }}
    {% endcall %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}
