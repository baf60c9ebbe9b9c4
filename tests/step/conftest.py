"""The stepper that these tests begin with."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from graphlab.walk.stepper import Stepper
from graphlab.watch.replay import Replay
from tests.stepped import session_call


@pytest.fixture(scope="session")
def replays() -> Sequence[Replay]:
    return session_call()


@pytest.fixture
def stepper(replays) -> Stepper:
    return Stepper(replays)
