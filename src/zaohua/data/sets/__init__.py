"""Data sets by name: a small catalogue, each an archive pinned by hash, and those of the hub.

Every set becomes a stream of `Record` in a fixed order. Nothing here cleans or divides data.
"""

from zaohua.data.sets.catalogue import SetEntry, describe, names
from zaohua.data.sets.hub import hub_records
from zaohua.data.sets.reading import records

__all__ = ["SetEntry", "describe", "hub_records", "names", "records"]
