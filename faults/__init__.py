"""Faults on purpose: `make faults` kills, cuts power, damages bytes and fills disks, and counts what is lost."""
