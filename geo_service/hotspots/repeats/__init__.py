"""Incidents that follow others: the Knox table, and whom to visit after one."""
