"""Presets and overrides: which steps run, and one clear line for what cannot be."""

from __future__ import annotations

import pytest

from zaohua.data.prepare import DataSpec
from zaohua.data.prepare.plan import ORDERED, STEPS, build, plan
from zaohua.data.prepare.presets import ORDER, PRESETS
from zaohua.errors import UsageError


def spec(**options: object) -> DataSpec:
    return DataSpec.model_validate({"sources": [{"path": "a"}], **options})


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_can_be_built_and_runs_in_order(preset):
    planned = plan(spec(preset=preset))
    steps = [*planned.local[0], *planned.ordered]
    assert steps == [name for name in ORDER if name in PRESETS[preset]]
    assert [step.name for step in build(planned.local[0])] == list(planned.local[0])


def test_every_step_has_a_place_in_the_order():
    assert sorted(ORDER) == sorted(STEPS)
    assert tuple(ORDER[-len(ORDERED) :]) == ORDERED


def test_verse_and_documents_are_not_judged_by_lines_and_repetition():
    for preset in ("verse", "documents"):
        assert (
            not {"lines", "repetition", "composition"} & plan(spec(preset=preset)).local[0].keys()
        )


def test_overrides_change_add_and_remove_steps():
    clean = {"near_duplicates": {"threshold": 0.7}, "personal": False, "chinese_script": True}
    planned = plan(spec(clean=clean))
    assert planned.ordered["near_duplicates"]["threshold"] == 0.7
    assert planned.ordered["near_duplicates"]["bands"] == 21
    assert "personal" not in planned.local[0]
    assert planned.local[0]["chinese_script"] == {"conversion": "t2s"}


def test_an_override_keeps_what_the_preset_chose_for_the_other_options():
    planned = plan(spec(preset="verse", clean={"length": {"least_words": 2}}))
    assert planned.local[0]["length"]["least_words"] == 2
    assert planned.local[0]["length"]["least_characters"] == 8


def test_json_lists_become_what_a_step_needs():
    clean = {"language": {"keep": ["zh"]}, "repetition": {"top": [[2, 0.3]]}}
    planned = plan(spec(clean=clean))
    built = {step.name: step for step in build(planned.local[0])}
    assert built["language"].keep == ("zh",) and built["repetition"].top == ((2, 0.3),)


@pytest.mark.parametrize(
    ("clean", "said"),
    [
        (
            {"near_duplicate": {}},
            "no cleaning step 'near_duplicate'.*did you mean 'near_duplicates'",
        ),
        ({"length": {"least_word": 3}}, "no option of 'length' 'least_word'.*'least_words'"),
        ({"length": {"least_words": "many"}}, "clean.length.*'many'|'many'.*clean.length"),
        ({"length": 7}, "'length' is 7.*true or false"),
        ({"chinese_script": {"conversion": "x2y"}}, "no such conversion.*t2s"),
        ({"contamination": True}, "needs texts.*decontaminate"),
        ({"harmful_words": {"extra": "/no/such/list"}}, "word list cannot be read"),
    ],
)
def test_what_cannot_be_is_one_line_with_the_way_out(clean, said):
    from zaohua.errors import ZaohuaError

    with pytest.raises(ZaohuaError, match=said) as caught:
        plan(spec(clean=clean))
    assert "\n" not in str(caught.value)


def test_a_source_may_switch_comparing_steps_off_but_not_change_them():
    sources = [{"path": "a"}, {"path": "b", "clean": {"near_duplicates": False}}]
    planned = plan(DataSpec.model_validate({"sources": sources}))
    assert ["near_duplicates" in names for names in planned.switched] == [True, False]
    sources[1]["clean"] = {"near_duplicates": {"threshold": 0.5}}
    with pytest.raises(UsageError, match="compares the records of all sources"):
        plan(DataSpec.model_validate({"sources": sources}))
