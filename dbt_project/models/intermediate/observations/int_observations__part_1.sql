-- The first fourth of the staged observations: each is made by itself, so that no query holds the memory of all.
{{ staged_observations(1) }}
