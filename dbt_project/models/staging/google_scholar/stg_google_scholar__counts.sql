-- Works by name and year.
{{ count_observations("google_scholar", "scholarly_works", "full_text") }}
