"""Patrol zones: grow them, spend an area on them, name them, know them again."""
