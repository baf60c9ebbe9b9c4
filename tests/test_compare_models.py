"""Real models compared with themselves after a round trip through another kind of file."""

from __future__ import annotations

import pytest
from models_made import shared
from models_round_trip import frozen, frozen_in_a_session, keras, saved_again

from graphlab.comparison.run import compare


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("serving-saved_model_half_plus_two_tf2_cpu", saved_again),
        ("serving-saved_model_half_plus_two_tf2_cpu", frozen_in_a_session),
        ("cppflow-load_model", saved_again),
        ("cppflow-load_model", frozen),
        ("mlperf-tiny-resnet8-cifar10/pretrainedResnet.h5", keras),
    ],
)
def test_a_real_model_is_itself_after_a_round_trip(tmp_path, name, again):
    path = shared(name)
    found = compare(str(path), again(path, tmp_path))
    assert (found.same, found.frontier) == (True, ())
    assert found.results and not found.results_only_a and not found.results_only_b
