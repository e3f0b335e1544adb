"""Random expressions over the whole catalogue, and the properties that every one of them must have."""
