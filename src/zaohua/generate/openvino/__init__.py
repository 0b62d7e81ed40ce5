"""The OpenVINO worker: graphs and their cache, behind our own pipeline."""
