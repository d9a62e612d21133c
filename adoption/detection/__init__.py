"""Looking for anomalies: structural time series with interventions, and reading and writing the warehouse."""
