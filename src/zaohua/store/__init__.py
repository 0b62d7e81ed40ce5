"""What is kept on disk: blobs by content hash, the model catalogue, downloads, the database."""
