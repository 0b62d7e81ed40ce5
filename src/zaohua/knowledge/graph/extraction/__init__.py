"""What a passage says of things, read without a model."""
