select extract_id, filename, rows_in, rows_loaded, rows_rejected
from {{ ref("stg_landing__extracts") }}
where status = 'loaded' and rows_in <> rows_loaded + rows_rejected
