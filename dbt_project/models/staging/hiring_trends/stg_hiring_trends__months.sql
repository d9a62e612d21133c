-- Posts that name a term, per thousand posts of the month's thread.
{{ post_rates("hiring_trends", "hn_job_posts") }}
