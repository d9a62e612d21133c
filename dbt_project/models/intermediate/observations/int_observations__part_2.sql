{{ staged_observations(2) }}
