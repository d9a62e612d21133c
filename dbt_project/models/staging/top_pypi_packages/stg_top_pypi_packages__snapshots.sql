-- The published lists, one per window and installer filter; of several publications of one window the last.
with

    final as (
        select *, if(installers = 'pip', 'pip_only', 'all_installers') as basis
        from
            {{
                current_rows(
                    "top_pypi_packages",
                    "snapshots",
                    has_available_at=true,
                    key="window_start_date, window_end_date, installers",
                )
            }}
        qualify
            row_number() over (partition by window_start_date, window_end_date, installers order by available_at desc)
            = 1
    )

select *
from final
