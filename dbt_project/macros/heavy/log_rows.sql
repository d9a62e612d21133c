{# The rows of the log's files under the names that the models use: log_month, package, moment, installer, is_marked,
   is_artifact, and downloads where the log has counts. Engines differ in how they read several files as one table. #}
{% macro log_rows() -%} {{ return(adapter.dispatch("log_rows", "adoption_heavy")()) }} {%- endmacro %}
