"""Read models: what the log says, kept as tables that answer at once and can always be made anew."""
