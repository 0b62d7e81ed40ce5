"""Stands in for it in one ``pip download``; see ``zaohua.store.sources.packages``."""
