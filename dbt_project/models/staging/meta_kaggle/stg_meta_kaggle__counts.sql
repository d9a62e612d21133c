-- Public notebooks by name and month.
{{ count_observations("meta_kaggle", "kaggle_notebooks", "public_notebooks") }}
