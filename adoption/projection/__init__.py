"""How a year that is not over will end: projections with an interval, and the earlier years that they are tested on."""
