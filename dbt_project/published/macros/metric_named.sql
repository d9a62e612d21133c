-- The id of the metric that a name means. An unknown name is an error that lists the known ones.
--
-- name: an id or a label, in any case, blanks around it left out
-- returns: the metric's id
-- example: select metric_named({metric})
create macro metric_named(name) as coalesce(
    (
        select first(metrics.metric_id order by metrics.position)
        from meta.metrics as metrics
        where lower(trim(name::varchar)) in (lower(metrics.metric_id), lower(metrics.label))
    ),
    error(
        'No metric is called ' || coalesce('"' || name::varchar || '"', 'null') || (
            select
                coalesce(
                    '; did you mean '
                    || arg_max(
                        metrics.metric_id, jaro_winkler_similarity(lower(trim(name::varchar)), metrics.metric_id)
                    )
                    filter (jaro_winkler_similarity(lower(trim(name::varchar)), metrics.metric_id) > 0.8) || '?', '.'
                )
                || ' Known are ' || string_agg(metrics.metric_id, ', ' order by metrics.metric_id)
            from meta.metrics as metrics
        )
    )
)
