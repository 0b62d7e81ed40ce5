"""An answer that goes round in circles is ended."""

from __future__ import annotations

from tests.assistant.turn.conftest import Talk


async def test_it_is_ended_and_says_why(talk: Talk) -> None:
    message = await talk.ask(f"[[say 站在河边。{'一条小河，' * 200}]]讲个故事")
    assert message.status == "complete"
    assert message.finish_reason == "repetition"
    assert message.content.startswith("站在河边。一条小河，")
    assert message.content.count("一条小河") < 25
    assert message.usage
    assert message.usage["completion_tokens"] < 150


async def test_who_asks_for_the_same_gets_it(talk: Talk) -> None:
    message = await talk.ask(f"[[say {'我不再迟到。' * 50}]]把这句话写50遍")
    assert message.finish_reason == "stop"
    assert message.content.count("我不再迟到") == 50


async def test_an_answer_may_say_what_was_thought(talk: Talk) -> None:
    thought = "The user wants an answer. I will give one."
    message = await talk.ask(f"[[reason]][[say {thought * 2}]]x")
    assert message.finish_reason == "stop"
    assert message.reasoning
