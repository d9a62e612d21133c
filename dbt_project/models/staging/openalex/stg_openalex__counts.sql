-- Works by name and year.
{{ count_observations("openalex", "scholarly_works", "title_and_abstract") }}
