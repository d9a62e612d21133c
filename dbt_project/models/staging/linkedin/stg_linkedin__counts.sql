-- Job posts by name and day.
{{ count_observations("linkedin", "linkedin_job_posts", "search_results") }}
