"""Take in files: incidents, boundaries, layers, streets, tables of harm."""
