"""What the assistant knows of a user across conversations."""
