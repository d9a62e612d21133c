{{ staged_observations(3) }}
