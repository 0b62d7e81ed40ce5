"""Rate limits and quotas of keys, which really stop.

A request is admitted before it starts: its prompt and the tokens it may write are *reserved*, so
that requests running at once cannot overrun a quota together. One without ``max_tokens`` reserves
slice by slice while it runs and is cut when the next slice is not to be had.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from zaohua.service.errors import ApiError
from zaohua.service.keys import ApiKey, Keyring

WINDOW = 60.0
SLICE = 256


class SlidingWindow:
    """The sum of amounts over the last `WINDOW` seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: deque[tuple[float, int]] = deque()
        self._sum = 0

    def add(self, amount: int) -> None:
        """Count ``amount`` now."""
        if amount:
            self._entries.append((self._clock(), amount))
            self._sum += amount

    def total(self) -> int:
        """What was counted within the window."""
        horizon = self._clock() - WINDOW
        while self._entries and self._entries[0][0] <= horizon:
            self._sum -= self._entries.popleft()[1]
        return self._sum

    def wait_for(self, room: int, limit: int) -> float:
        """Seconds until ``room`` more fit under ``limit``; 0 if they do now."""
        excess = self.total() + room - limit
        for moment, amount in self._entries:
            if excess <= 0:
                break
            excess -= amount
            wait = moment + WINDOW - self._clock()
            if excess <= 0:
                return max(wait, 0.0)
        return 0.0 if excess <= 0 else WINDOW


@dataclass(slots=True)
class _State:
    """What is known of one key in this process."""

    requests: SlidingWindow
    tokens: SlidingWindow
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    reserved: int = 0


class Grant:
    """Leave to use tokens. ``max_tokens`` is how many all answers together may have (None: any)."""

    def __init__(
        self,
        limits: Limits,
        key: ApiKey,
        *,
        prompt_tokens: int,
        reserved: int,
        max_tokens: int | None,
        headers: dict[str, str],
    ) -> None:
        self.max_tokens = max_tokens
        self.headers = headers
        self._limits = limits
        self._key = key
        self._prompt = prompt_tokens
        self._reserved = reserved
        self._written = 0
        self._settled = False

    async def spend(self, tokens: int) -> bool:
        """Count ``tokens`` to be told; False, and not counted, when the quota is used up."""
        written = self._written + tokens
        if self.max_tokens is not None and self._prompt + written > self._reserved:
            if written > self.max_tokens:
                return False
            more = await self._limits.extend(self._key, SLICE)
            self._reserved += more
            if self._prompt + written > self._reserved:
                return False
        self._written = written
        return True

    def settle(self, prompt_tokens: int | None, completion_tokens: int | None) -> None:
        """Book what was used (None: as counted here) and give back what was reserved beyond it."""
        if self._settled:
            return
        self._settled = True
        prompt = self._prompt if prompt_tokens is None else prompt_tokens
        written = self._written if completion_tokens is None else completion_tokens
        self._limits.book(self._key, self._reserved, prompt, written)


class Unlimited:
    """The grant of a caller without a key."""

    max_tokens: int | None = None

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    async def spend(self, tokens: int) -> bool:
        """Always."""
        return True

    def settle(self, prompt_tokens: int | None, completion_tokens: int | None) -> None:
        """Nothing to book."""


class Limits:
    """The limits of all keys, as one server process keeps them."""

    def __init__(
        self,
        keyring: Keyring,
        *,
        clock: Callable[[], float] = time.monotonic,
        refused: Callable[[str], None] = lambda limit: None,
    ) -> None:
        self._keyring = keyring
        self._clock = clock
        self._refused = refused
        self._states: dict[str, _State] = {}
        self._bookings: set[asyncio.Task[None]] = set()

    async def admit(
        self, key: ApiKey | None, prompt_tokens: int = 0, max_tokens: int | None = 0
    ) -> Grant | Unlimited:
        """Let a request in; ``max_tokens`` is what it may write in all (None: as much as it likes).

        Raises:
            ApiError: 429, a rate limit (``Retry-After`` tells when) or a quota is used up.
        """
        if key is None:
            return Unlimited()
        state = self._state(key)
        async with state.lock:
            self._check_rates(key, state, prompt_tokens, max_tokens)
            reserved, budget = await self._reserve(key, state, prompt_tokens, max_tokens)
            state.requests.add(1)
            state.reserved += reserved
        return Grant(
            self,
            key,
            prompt_tokens=prompt_tokens,
            reserved=reserved,
            max_tokens=budget,
            headers=self._headers(key, state),
        )

    async def extend(self, key: ApiKey, wanted: int) -> int:
        """Reserve up to ``wanted`` more tokens for a request that runs; how many were had."""
        state = self._state(key)
        async with state.lock:
            left = await self._left(key, state)
            more = wanted if left is None else max(0, min(wanted, left))
            state.reserved += more
        return more

    def book(self, key: ApiKey, reserved: int, prompt: int, completion: int) -> None:
        """Write down what a request used; its reservation stands until that is written."""
        state = self._state(key)
        state.tokens.add(prompt + completion)
        used = min(reserved, prompt + completion)
        state.reserved -= reserved - used
        task = asyncio.get_running_loop().create_task(self._write(key, used, prompt, completion))
        self._bookings.add(task)
        task.add_done_callback(self._bookings.discard)

    async def aclose(self) -> None:
        """Wait until everything used is written."""
        await asyncio.gather(*self._bookings, return_exceptions=True)

    async def _write(self, key: ApiKey, reserved: int, prompt: int, completion: int) -> None:
        try:
            await asyncio.to_thread(self._keyring.record, key.id, prompt, completion)
        finally:
            self._state(key).reserved -= reserved

    def _state(self, key: ApiKey) -> _State:
        found = self._states.get(key.id)
        if found is None:
            found = _State(SlidingWindow(self._clock), SlidingWindow(self._clock))
            self._states[key.id] = found
        return found

    def _check_rates(self, key: ApiKey, state: _State, prompt: int, wanted: int | None) -> None:
        limits = key.limits
        if limits.requests_per_minute:
            wait = state.requests.wait_for(1, limits.requests_per_minute)
            if wait:
                raise self._too_fast("requests", limits.requests_per_minute, wait, key, state)
        if limits.tokens_per_minute:
            need = min(prompt + (wanted or 0), limits.tokens_per_minute)
            wait = state.tokens.wait_for(need + state.reserved, limits.tokens_per_minute)
            if wait:
                raise self._too_fast("tokens", limits.tokens_per_minute, wait, key, state)

    def _too_fast(self, what: str, limit: int, wait: float, key: ApiKey, state: _State) -> ApiError:
        self._refused(f"{what}_per_minute")
        return ApiError(
            429,
            f"rate limit of {limit} {what} per minute reached: try again in {wait:.0f} s",
            code="rate_limit_exceeded",
            retry_after=wait,
            headers=self._headers(key, state),
        )

    async def _reserve(
        self, key: ApiKey, state: _State, prompt: int, wanted: int | None
    ) -> tuple[int, int | None]:
        """Tokens to reserve now, and how many the answers may have (None: no bound)."""
        left = await self._left(key, state)
        if left is None:
            reserved = prompt + (wanted or 0) if key.limits.tokens_per_minute else 0
            return reserved, None
        room = left - prompt
        if room < 0 or (room == 0 and wanted != 0):
            self._refused("quota")
            raise ApiError(
                429,
                f"the quota of this key is used up: {max(left, 0)} tokens are left,"
                f" the prompt alone has {prompt}",
                code="insufficient_quota",
                type="insufficient_quota",
                retry_after=_until_tomorrow() if key.limits.tokens_per_day else None,
                headers={"x-should-retry": "false", **self._headers(key, state)},
            )
        budget = room if wanted is None else min(wanted, room)
        return prompt + (min(SLICE, budget) if wanted is None else budget), budget

    async def _left(self, key: ApiKey, state: _State) -> int | None:
        """Tokens left of the quotas after all reservations; None without a quota."""
        limits = key.limits
        if not limits.tokens_per_day and not limits.tokens_total:
            return None
        before = state.reserved
        used = await asyncio.to_thread(self._keyring.usage, key.id)
        reserved = max(before, state.reserved)
        bounds = []
        if limits.tokens_per_day:
            bounds.append(limits.tokens_per_day - used.tokens_today)
        if limits.tokens_total:
            bounds.append(limits.tokens_total - used.tokens_total)
        return min(bounds) - reserved

    def _headers(self, key: ApiKey, state: _State) -> dict[str, str]:
        headers: dict[str, str] = {}
        for name, window, limit in (
            ("requests", state.requests, key.limits.requests_per_minute),
            ("tokens", state.tokens, key.limits.tokens_per_minute),
        ):
            if limit:
                left = limit - window.total() - (state.reserved if name == "tokens" else 0)
                headers[f"x-ratelimit-limit-{name}"] = str(limit)
                headers[f"x-ratelimit-remaining-{name}"] = str(max(0, left))
                headers[f"x-ratelimit-reset-{name}"] = f"{window.wait_for(limit, limit):.0f}s"
        return headers


def _until_tomorrow() -> float:
    return math.ceil(86400 - time.time() % 86400)
