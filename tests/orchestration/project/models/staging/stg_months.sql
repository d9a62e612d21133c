select package, month_date, downloads from {{ source("pypi_tools", "months") }}
