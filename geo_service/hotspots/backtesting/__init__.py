"""Try statistics on months that they have not seen."""
