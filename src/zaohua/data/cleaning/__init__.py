"""Cleaning: steps that keep, change or drop one record; the pipeline runs and counts them."""
