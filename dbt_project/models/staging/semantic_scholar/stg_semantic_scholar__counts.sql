-- Works by name and year, as estimated by the publisher.
{{ count_observations("semantic_scholar", "scholarly_works", "title_and_abstract") }}
