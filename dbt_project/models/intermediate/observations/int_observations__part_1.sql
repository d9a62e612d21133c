{{ staged_observations(1) }}
