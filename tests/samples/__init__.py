"""One row per operation: operands, attributes, an independent reference, a tolerance."""
