"""Measurements, each with its peer beside it in the same run. Results: docs/benchmarks.md."""
