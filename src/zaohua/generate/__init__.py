"""Turning prompts into text: the engine protocol, the engines, sampling, templates, embeddings."""
