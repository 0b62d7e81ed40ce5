"""From mirrors to a blob: tried in order, resumed when interrupted, right by hash or refused."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zaohua.errors import UnavailableError
from zaohua.progress import Progress
from zaohua.store.blobs import Blobs
from zaohua.store.files import require_space, sha256_of
from zaohua.store.sources import Offer, Source, SourceFailed
from zaohua.store.sources.base import Meter

HERE = "this machine"
HUBS = ("huggingface", "modelscope")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to get: what it is called in messages, and what is known of it. Size in bytes.

    ``hash_from`` says who vouches for ``sha256``, if it is given.
    """

    name: str
    mirrors: Sequence[Source]
    sha256: str = ""
    size: int | None = None
    hash_from: str = "catalogue"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A blob that is there: its hash, where it came from, and who vouched for the hash."""

    path: Path
    sha256: str
    size: int
    source: str
    hash_from: str


def obtain(blobs: Blobs, wanted: Wanted, progress: Progress) -> Delivery:
    """Get the file from the first mirror that delivers it whole and right.

    Raises:
        UnavailableError: none does (says what each answered), or the disk is too small.
    """
    if wanted.sha256 and _is_whole(blobs, wanted.sha256):
        path = blobs.path(wanted.sha256)
        return Delivery(path, wanted.sha256, path.stat().st_size, HERE, wanted.hash_from)
    failures: list[str] = []
    for number, source in enumerate(wanted.mirrors, 1):
        try:
            return _from_mirror(blobs, wanted, source, progress)
        except SourceFailed as error:
            failures.append(f"{source.label}: {error.what}")
            if number < len(wanted.mirrors):
                progress.note(f"{failures[-1]}; trying the next mirror")
        except KeyboardInterrupt:
            progress.finish()
            progress.note("stopped: what arrived is kept, and the same command goes on from there")
            raise
        finally:
            progress.finish()
    raise UnavailableError(
        f"'{wanted.name}' could not be fetched",
        where="; ".join(failures),
        mend="look at the network, HF_ENDPOINT, pip's index, or import the file by hand",
    )


def _is_whole(blobs: Blobs, sha256: str) -> bool:
    """Whether an earlier pull left the blob, under whatever name; a damaged one is removed."""
    path = blobs.path(sha256)
    if not path.exists():
        return False
    if sha256_of(path) == sha256:
        return True
    blobs.delete(sha256)
    return False


def _from_mirror(blobs: Blobs, wanted: Wanted, source: Source, progress: Progress) -> Delivery:
    offer = _agreed(wanted, source, source.look(), progress)
    key = offer.sha256 or "unpinned-" + hashlib.sha256(source.label.encode()).hexdigest()[:32]
    with blobs.lock(key, progress, f"'{wanted.name}'"):
        if offer.sha256 and _is_whole(blobs, offer.sha256):
            sha256 = offer.sha256
        else:
            sha256 = _arrive(blobs, key, wanted, source, offer, progress=progress)
    path = blobs.path(sha256)
    vouched = wanted.hash_from if wanted.sha256 else source.kind if offer.sha256 else "nobody"
    return Delivery(path, sha256, path.stat().st_size, source.label, vouched)


def _agreed(wanted: Wanted, source: Source, offer: Offer, progress: Progress) -> Offer:
    """What must arrive: the pinned facts, else the mirror's own."""
    if wanted.sha256 and offer.sha256 and wanted.sha256 != offer.sha256:
        raise SourceFailed(f"holds another file (sha256 {offer.sha256[:12]}…)")
    if wanted.size and offer.size and wanted.size != offer.size:
        raise SourceFailed(f"holds a file of {offer.size:,} bytes and not {wanted.size:,}")
    agreed = Offer(wanted.size or offer.size, wanted.sha256 or offer.sha256)
    if not agreed.sha256 and source.kind in HUBS:
        raise SourceFailed("states no sha256 for the file, and the catalogue pins none")
    if not agreed.sha256 and source.remote:
        progress.note(f"no sha256 is known for {source.label}: it is taken as it arrives")
    return agreed


def _arrive(
    blobs: Blobs, key: str, wanted: Wanted, source: Source, offer: Offer, *, progress: Progress
) -> str:
    """Bring the part to its end and give it its name; returns the hash."""
    for _ in range(2):
        with blobs.part(key, source.label) as part:
            _require_space(blobs, part.path, source, offer)
            if part.size:
                progress.note(f"going on with '{wanted.name}' at {part.size / 1e6:.1f} MB")
            elif source.remote:
                progress.note(f"fetching '{wanted.name}' from {source.label}")
            source.fetch(part, offer, Meter(progress, wanted.name, offer.size))
            right = offer.sha256 in ("", part.sha256) and offer.size in (None, part.size)
            if right:
                part.close()
                blobs.adopt(part.path, key, part.sha256)
                return part.sha256
            was_resumed, sha256, size = part.resumed, part.sha256, part.size
            part.delete()
        if not was_resumed:
            break
        progress.note("the resumed file is not right; fetching it again from the start")
    raise SourceFailed(
        f"sent a wrong file: {size:,} bytes, sha256 {sha256[:12]}… and not "
        f"{offer.sha256[:12] or 'unknown'}…"
    )


def _require_space(blobs: Blobs, part: Path, source: Source, offer: Offer) -> None:
    size = offer.size or 0
    needed = max(0, size - part.stat().st_size) + source.extra_space(size)
    try:
        require_space(blobs.partial, needed)
    except UnavailableError:
        if not blobs.drop_other_parts(part):
            raise
        require_space(blobs.partial, needed)
