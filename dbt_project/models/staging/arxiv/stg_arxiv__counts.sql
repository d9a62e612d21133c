-- Papers by name and month.
{{ count_observations("arxiv", "arxiv_papers", "abstracts") }}
