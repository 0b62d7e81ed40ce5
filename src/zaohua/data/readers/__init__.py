"""Readers: any file a person keeps text in, as a stream of records.

One module a format family, found by suffix and by content. Nothing here cleans or judges text: a
reader gives what the file says, or says why it cannot. One bad file, row or archive member never
stops the rest.
"""

from zaohua.data.readers.options import Fields, ReadOptions
from zaohua.data.readers.reading import read
from zaohua.data.readers.registry import FORMATS

__all__ = ["FORMATS", "Fields", "ReadOptions", "read"]
