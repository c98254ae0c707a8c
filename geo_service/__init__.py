"""Hotspot patrol planning and safe-place mapping."""

__version__ = "0.1.0"
