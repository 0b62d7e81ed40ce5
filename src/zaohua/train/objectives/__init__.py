"""What a model can be trained for. Each module is one objective; none knows of the loop."""
