"""Stands in for setuptools in one ``pip download``; see ``zaohua.store.sources.packages``."""
