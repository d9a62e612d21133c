-- Notebooks by name, of all notebooks.
{{ count_observations("colab", "colab_usage", "notebooks", is_share=true) }}
