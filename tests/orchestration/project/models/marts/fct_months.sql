select package, month_date, downloads
from {{ ref("stg_months") }}
where exists (from {{ source("catalog", "metrics") }})
