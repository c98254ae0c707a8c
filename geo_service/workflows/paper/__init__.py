"""Decide what sheets, atlases, wall maps and lists of a plan say."""
