{{ staged_observations(4) }}
