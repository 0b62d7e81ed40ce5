"""From sources to a prepared data set: read, clean, de-duplicate, mix, split, report.

`plan` turns a specification into steps; `sources` reads tasks; `crew` has workers do them with
`local`, each leaving a file (`segments`); `deciding` finds duplicates in order; `writing` makes the
shards; `report`, `page` and `card` tell what happened.
"""

from zaohua.data.prepare.preparing import made, prepare
from zaohua.data.prepare.spec import DataSpec, SourceSpec

__all__ = ["DataSpec", "SourceSpec", "made", "prepare"]
