{# Rows by installer, each under every way of counting that it belongs to. Mirrors copy every package to another place:
   nobody asked for what they download. The four are those that the publisher of the daily counts leaves out. #}
{% macro rows_by_installer_basis(relation) -%}
    select 'pip_only' as basis, *
    from {{ relation }}
    where installer = 'pip'
    union all
    select 'without_mirrors' as basis, *
    from {{ relation }}
    where installer not in ('bandersnatch', 'z3c.pypimirror', 'Artifactory', 'devpi')
    union all
    select 'all_installers' as basis, *
    from {{ relation }}
{%- endmacro %}
