"""Stands in for setuptools in one ``pip download``; see ``zaohua.data.sets.packages``."""
