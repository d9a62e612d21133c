-- Repositories that use a project, by name and day.
{{ count_observations("dependents", "github_dependents", "total") }}
