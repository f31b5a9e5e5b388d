"""When, and in what order: Dagster's side of the warehouse; it knows no rule."""
