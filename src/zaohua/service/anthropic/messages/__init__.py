"""`POST /v1/messages` and counting its input."""
