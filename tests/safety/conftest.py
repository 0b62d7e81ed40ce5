from __future__ import annotations

import pytest

from zaohua.safety import Guard, Policy, load_policy


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy()


@pytest.fixture(scope="session")
def guard(policy: Policy) -> Guard:
    return Guard(policy)
