"""`POST /v1/chat/completions` and counting its input."""
