"""What is said to the memory itself is done and answered exactly."""

from __future__ import annotations

import pytest

from tests.assistant.memory.conftest import ANN, Said
from zaohua.assistant.memory import Learned, Memory

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


async def told(memory: Memory, question: str, message: str | None = None) -> str:
    reply = await memory.reply(ANN, question, message)
    return reply.text if reply else ""


@pytest.mark.parametrize(
    "question",
    ["What do you remember of me?", "what do you know about me", "Show me your memory of me."],
)
async def test_the_list_in_english(memory: Memory, question: str) -> None:
    assert await told(memory, question) == "I remember nothing about you."
    memory.add(ANN, "Name: Ann", "name")
    memory.add(ANN, "has a boat")
    assert await told(memory, question) == (
        "This is what I remember of you (2):\n- Name: Ann\n- has a boat"
    )


@pytest.mark.parametrize(
    "question", ["你记得我什么？", "你都知道关于我的哪些事情", "你还记得我什么呢？"]
)
async def test_the_list_in_chinese(memory: Memory, question: str) -> None:
    assert await told(memory, question) == "我没有记住关于你的任何事。"
    memory.add(ANN, "称呼：李明", "name")
    assert await told(memory, question) == "我记得这些（共 1 条）：\n- 称呼：李明"
    memory.switch(ANN, on=False)
    assert (await told(memory, question)).startswith("记忆已关闭。我记得这些")


@pytest.mark.parametrize(
    "question",
    [
        "Do you remember when we met?",
        "What do you remember of the French revolution?",
        "你还记得我上次说的那本书吗？",
        "Forget it.",
        "忘了它吧",
        "我忘了带钥匙",
        "How do I forget everything about a bad day?",
        "Remember that I'm vegan. What should I cook?",
        "Can you remember my birthday?",
    ],
)
async def test_what_the_model_answers(memory: Memory, question: str) -> None:
    memory.add(ANN, "Likes: tea", "like")
    assert await memory.reply(ANN, question) is None
    assert len(memory.list(ANN)) == 1


@pytest.mark.parametrize(
    ("order", "text", "of_kind"),
    [
        ("记住：我的会议都在周三上午。", "我的会议都在周三上午", "note"),
        ("请记住，我对青霉素过敏", "我对青霉素过敏", "allergy"),
        ("Remember that my name is Bo.", "my name is Bo", "name"),
        ("Please remember: I have asthma. The inhaler is blue.", "", "note"),
    ],
)
async def test_remembered_exactly(memory: Memory, order: str, text: str, of_kind: str) -> None:
    text = text or "I have asthma. The inhaler is blue"
    reply = await memory.reply(ANN, order)
    assert reply is not None
    assert reply.text in (f"记住了：{text}", f"Remembered: {text}")
    [fact] = memory.list(ANN)
    assert (fact.text, fact.kind, fact.explicit) == (text, of_kind, True)


async def test_an_order_within_a_question_is_learned_after_it(memory: Memory, said: Said) -> None:
    question = "Remember that I'm vegan. What should I cook?"
    learned = await memory.learn(None, ANN, question, "Lentils.", said(question))
    assert [(fact.text, fact.explicit) for fact in learned.facts] == [("I'm vegan", True)]


async def test_an_order_is_done_once(memory: Memory, said: Said) -> None:
    message = said("记住：我对花生过敏")
    await memory.reply(ANN, "记住：我对花生过敏", message)
    assert await told(memory, "记住：我对花生过敏", message) == "记住了：我对花生过敏"
    assert len(memory.list(ANN)) == 1
    memory.forget(ANN, memory.list(ANN)[0].id)
    assert await memory.learn(None, ANN, "记住：我对花生过敏", "好。", message) == Learned()
    assert await memory.reply(ANN, "记住：我对花生过敏", message) is None


@pytest.mark.parametrize(
    "secret",
    [
        "记住：我的密码是abc12345",
        "记住：我的身份证号是11010519491231002X",
        "Remember that my card number is 4111 1111 1111 1111",
        "Remember that my API key is sk-abcdefghijklmnop1234",
        "Remember: my passport number is X1234567",
        "Remember that my SSN is 078-05-1120",
    ],
)
async def test_secrets_are_refused(memory: Memory, secret: str) -> None:
    said = await told(memory, secret)
    assert said.startswith(("这个我不会记住", "I will not keep that"))
    assert memory.list(ANN) == []
    learned = await memory.learn(None, ANN, secret, "", None)
    assert learned.refused == ("secrets are not kept",)


async def test_health_and_contacts_only_when_asked(memory: Memory) -> None:
    learned = await memory.learn(None, ANN, "I love my anxiety therapist.", "", None)
    assert learned.facts == ()
    assert learned.said == "health and contacts are kept only when asked"
    await memory.reply(ANN, "记住：我有糖尿病")
    await memory.reply(ANN, "Remember that my phone is 13812345678.")
    assert [fact.text for fact in memory.list(ANN)] == ["我有糖尿病", "my phone is 13812345678"]


@pytest.mark.parametrize(
    ("order", "left"),
    [
        ("忘掉我的名字", ["I like tea", "Lives in: Rome"]),
        ("把我的名字忘掉吧。", ["I like tea", "Lives in: Rome"]),
        ("Forget my name.", ["I like tea", "Lives in: Rome"]),
        ("Please forget that I like tea.", ["Name: Ann", "Lives in: Rome"]),
        ("Forget where I live", ["Name: Ann", "I like tea"]),
        ("忘掉 tea", ["Name: Ann", "Lives in: Rome"]),
    ],
)
async def test_forgotten_with_history(memory: Memory, order: str, left: list[str]) -> None:
    memory.add(ANN, "Name: Anna", "name")
    memory.add(ANN, "Name: Ann", "name")
    memory.add(ANN, "I like tea")
    memory.add(ANN, "Lives in: Rome", "city")
    assert (await told(memory, order)).startswith(("Forgotten", "已忘掉"))
    assert sorted(f.text for f in memory.list(ANN)) == sorted(left)
    if "Name: Ann" not in left:
        assert "Name: Anna" not in [fact.text for fact in memory.history(ANN)]


@pytest.mark.parametrize(
    ("order", "yes", "done"),
    [
        ("忘掉我的一切", "确认忘掉我的一切", "已全部忘掉（2 条）。"),
        ("Forget everything about me.", "Yes, forget everything.", "Everything is forgotten (2)."),
        (
            "Delete everything you know about me",
            "yes, forget everything about me",
            "Everything is forgotten (2).",
        ),
    ],
)
async def test_all_is_forgotten_after_asking_back(
    memory: Memory, order: str, yes: str, done: str
) -> None:
    memory.add(ANN, "Name: Ann", "name")
    memory.add(ANN, "has a boat")
    reply = await memory.reply(ANN, order)
    assert reply is not None
    assert len(reply.learned.would_forget) == 2
    assert yes.rstrip(".").lower() in reply.text.lower() or "forget everything" in reply.text
    assert len(memory.list(ANN)) == 2
    learned = await memory.learn(None, ANN, order, reply.text, None)
    assert len(learned.would_forget) == 2
    assert await told(memory, yes) == done
    assert memory.history(ANN) == []


async def test_what_is_not_remembered_cannot_be_forgotten(memory: Memory) -> None:
    memory.add(ANN, "has a boat")
    assert await told(memory, "忘掉我的生日") == "我没有记住这件事。"
    assert await told(memory, "Forget my birthday") == "I remember nothing of that."
    assert len(memory.list(ANN)) == 1
