{{ config(meta={'dagster': {'ref': {'name': 'fct_months'}}}) }}
select package from {{ ref('stg_months') }} except select package from {{ ref('fct_months') }}
