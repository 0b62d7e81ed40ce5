"""Answers many requests to one model together, step by step, and serves them."""
