select package
from {{ ref("fct_months") }} as months
full join {{ ref("stg_months") }} as staged using (package, month_date)
where months.downloads is distinct from staged.downloads
