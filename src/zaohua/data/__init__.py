"""Training data: read, cleaned, de-duplicated, tokenised, packed. Streams of typed records."""
