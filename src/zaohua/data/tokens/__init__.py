"""Tokenizers trained and used; tokens in memory-mapped shards; documents packed into rows.

`train_tokenizer` makes a tokenizer of prepared data sets, `encode` a data set into tokens, `rows`
tokens into what training reads.
"""

from zaohua.data.tokens.encoding import encode
from zaohua.data.tokens.reading import classes, rows
from zaohua.data.tokens.trainer import tokenizer_made, train_tokenizer

__all__ = ["classes", "encode", "rows", "tokenizer_made", "train_tokenizer"]
