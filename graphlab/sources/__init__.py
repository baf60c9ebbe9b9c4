"""Ways in: whatever a user can point at becomes a `graphlab.model.Graph`."""
