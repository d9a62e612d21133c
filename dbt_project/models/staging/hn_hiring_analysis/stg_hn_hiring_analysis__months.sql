-- Posts that name a keyword, per thousand top-level posts of the month's thread.
{{ post_rates("hn_hiring_analysis", "hn_job_posts") }}
