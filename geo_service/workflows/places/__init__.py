"""Keep the Safe Places: bring in a directory, write, ask, approve; what is approved, what is told, what is reached."""
