from __future__ import annotations

from tests.data.cleaning.making import chat, kept, text
from zaohua.data.cleaning.personal import MaskPersonal


def test_masks_follow_the_language_and_reach_every_turn() -> None:
    step = MaskPersonal()
    english = kept(step.apply(chat("Mail me: ann@example.org", "Sent to ann@example.org")))
    assert [turn.content for turn in english.messages] == ["Mail me: [EMAIL]", "Sent to [EMAIL]"]
    assert (
        kept(step.apply(text("我的手机是13812345678，请联系"))).text == "我的手机是[手机号]，请联系"
    )
    only = MaskPersonal(kinds=("email",)).apply(text("我的手机是13812345678"))
    assert kept(only).text == "我的手机是13812345678"
