"""Look after what is kept: its history, its age, who may see it and who did."""
