"""The shapes of the catalog's entries, one module for each YAML file."""
