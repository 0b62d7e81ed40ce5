from __future__ import annotations

import pytest

from tests.train.material import tiny
from zaohua.errors import UsageError
from zaohua.train.freezing import freeze


def frozen(model):
    return {name for name, p in model.named_parameters() if not p.requires_grad}


def test_a_part_of_the_model_is_frozen_by_its_name():
    model = tiny()
    count = freeze(model, ["model.layers.0"])
    assert frozen(model) == {
        name for name, _ in model.named_parameters() if name.startswith("model.layers.0.")
    }
    assert count == sum(p.numel() for p in model.model.layers[0].parameters())


def test_globs_match_anywhere_in_names():
    model = tiny()
    freeze(model, ["*.mlp.*", "*norm*"])
    assert frozen(model) == {
        name for name, _ in model.named_parameters() if ".mlp." in name or "norm" in name
    }


def test_layer_1_is_not_layer_10():
    model = tiny(num_hidden_layers=11)
    freeze(model, ["model.layers.1"])
    assert not any("layers.10" in name for name in frozen(model))


def test_a_tied_head_is_frozen_by_either_name():
    model = tiny()
    freeze(model, ["lm_head.weight"])
    assert frozen(model) == {"model.embed_tokens.weight"}


def test_a_pattern_that_matches_nothing_names_what_is_near():
    with pytest.raises(UsageError, match=r"'model.layer.0' \(frozen\): near names: model.layers.0"):
        freeze(tiny(), ["model.layer.0", "*.mlp.*"])


def test_a_pattern_like_nothing_at_all_names_the_parts_there_are():
    with pytest.raises(UsageError, match=r"near names: .*model\.embed_tokens"):
        freeze(tiny(), ["%%%"])


def test_nothing_left_to_train_is_refused():
    with pytest.raises(UsageError, match="every parameter"):
        freeze(tiny(), ["*"])


def test_no_pattern_freezes_nothing():
    model = tiny()
    assert freeze(model, []) == 0
    assert frozen(model) == set()
