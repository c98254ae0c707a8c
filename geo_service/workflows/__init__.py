"""What happens in what order; the doers are seen only through `model.ports`."""
