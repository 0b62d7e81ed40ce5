"""Whole runs over a real SQLite file, with models that say what they are told."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

import pytest

from zaohua.assistant.teams.beginning import Order
from zaohua.assistant.teams.exporting import outcome, report, whole
from zaohua.assistant.teams.live import Delta
from zaohua.assistant.tools import tool_of
from zaohua.errors import NotFoundError, UsageError
from zaohua.generate.fake import FakeEngine
from zaohua.safety import Guard, load_policy

from .conftest import ME, MakeRuns, Scripted, ended, models_of, team_of, told, work

LOOP = """\
inputs: {facts: {}}
roles:
  writer: {does: write, reads: [notes, facts], writes: draft}
  checker: {judges: draft, against: facts, writes: notes}
  editor: {does: edit, reads: draft, writes: article}
steps:
  - repeat: [writer, checker]
    until: checker
    rounds: 3
  - editor
result: article
"""
FACTS = {"facts": "The museum in Port Ellis opened on 3 May with 120 paintings."}
TRUE = "The museum in Port Ellis opened on 3 May with 120 paintings."
FALSE = "The museum in Port Ellis opened on 4 May with 120 paintings."
INVENTED = "Mayor Jane Dunn praised the 500 visitors of the day."


async def test_order_and_board(make: MakeRuns):
    engine = Scripted({"writer": [FALSE, TRUE], "editor": ["Open. " + TRUE]})
    run, messages = await work(make(engine), team_of(LOOP), FACTS)
    assert (run.state, run.language, run.reason) == ("complete", "en", "")
    assert told(messages) == [
        "writer draft.1", "checker notes.1", "writer draft.2", "checker notes.2",
        "editor article.1",
    ]  # fmt: skip
    assert [one.passes for one in messages if one.role == "checker"] == [False, True]
    assert messages[0].entry == "facts"
    assert (messages[0].role, messages[0].by, messages[0].version) == ("you", "person", 1)
    notes = messages[2]
    assert notes.by == "code"
    assert "4 is not in the facts" in notes.content
    second = engine.asked["writer"][1].messages[-1].content
    assert "4 is not in the facts" in second
    assert second.index("facts:") > second.index("notes")
    assert run.spent.turns == 3
    assert run.spent.tokens == sum(o.prompt_tokens + o.completion_tokens for o in messages)
    assert messages[1].asked[0]["role"] == "system"
    assert outcome(run, messages).text == messages[-1].content
    assert outcome(run, messages).objections == ()


async def test_a_loop_ends_after_its_rounds_and_says_what_is_still_wrong(make: MakeRuns):
    engine = Scripted({"writer": ["It was 7.", "It was 8 then.", "It was 9 now."], "editor": ["x"]})
    run, messages = await work(make(engine), team_of(LOOP), FACTS)
    assert run.state == "complete"
    assert len(engine.asked["writer"]) == 3
    assert any("9" in line for line in outcome(run, messages).objections)


async def test_a_writer_who_repeats_itself_ends_the_loop_and_the_critic_mends(make: MakeRuns):
    text = LOOP.replace("against: facts,", "against: facts, mends: true,")
    engine = Scripted({"writer": [f"{TRUE} {INVENTED}"], "editor": ["x"]})
    _, messages = await work(make(engine), team_of(text), FACTS)
    assert len(engine.asked["writer"]) == 2
    assert told(messages)[3:] == ["checker draft.3", "checker notes.2", "editor article.1"]
    mended, verdict = messages[4], messages[5]
    assert (mended.by, mended.content, mended.note) == ("code", TRUE, "version 2 put right")
    assert verdict.passes
    assert not verdict.findings[0]["holds"]
    assert TRUE in engine.asked["editor"][0].messages[-1].content
    assert INVENTED not in engine.asked["editor"][0].messages[-1].content


async def test_what_cannot_be_mended_stays_and_is_objected_to(make: MakeRuns):
    text = LOOP.replace("against: facts,", "against: facts, mends: true,")
    engine = Scripted({"writer": [INVENTED], "editor": ["x"]})
    run, messages = await work(make(engine), team_of(text), FACTS)
    assert run.state == "complete"
    assert outcome(run, messages).objections


@pytest.mark.parametrize(
    ("limits", "reason", "turns"),
    [
        ({"turns": 1}, "limits.turns", 1),
        ({"tokens": 100}, "limits.tokens", 1),
        ({"seconds": 0.2}, "limits.seconds", 1),
    ],
)
async def test_limits_end_a_run_with_what_there_is(
    make: MakeRuns, limits: dict[str, Any], reason: str, turns: int
):
    words = " ".join(f"word{n}" for n in range(200))
    long = f"~word {words}" if "seconds" in limits else words
    engine = Scripted({"writer": [long], "editor": ["x"]})
    run, messages = await work(make(engine), team_of(LOOP), FACTS, limits=limits)
    assert run.state == "limited"
    assert reason in run.reason
    assert run.spent.turns == turns
    assert outcome(run, messages).text.startswith("word")
    assert engine.open == 0
    runs = make(Scripted({"writer": [TRUE], "editor": ["done"]}))
    await runs.resume(ME, run.id, {"turns": 9, "tokens": 9000, "seconds": 60})
    run, messages = await ended(runs, run.id)
    assert run.state == "complete"
    assert run.limits.turns == 9
    assert outcome(run, messages).text == "done"


async def test_roles_of_one_step_speak_at_the_same_time(make: MakeRuns):
    text = """\
inputs: {task: {}}
roles:
  one: {does: x, reads: task}
  two: {does: y, reads: task}
  last: {does: z, reads: [one, two]}
steps: [{parallel: [one, two]}, last]
result: [one, two, last]
"""
    script = {"one": ["a b c d"], "two": ["e f g h"], "last": ["i"]}
    engine = Scripted(script, delay=0.01, slots=2)
    run, messages = await work(make(engine), team_of(text))
    assert engine.most_at_once == 2
    assert set(told(messages)[:2]) == {"one one.1", "two two.1"}
    assert messages[-1].role == "last"
    assert outcome(run, messages).text == "## one\n\na b c d\n\n## two\n\ne f g h\n\n## last\n\ni"


async def test_an_answer_that_goes_round_in_circles_is_ended(make: MakeRuns):
    lines = "First\nExample 1: 25 + 35 = 60\nExample 2: 42 + 58 = 100\nExample 3: 2 + 3 = 5\n"
    again = "".join(
        f"Example {n}: {'25 + 35 = 60' if n % 2 else '42 + 58 = 100'}\n" for n in range(4, 90)
    )
    engine = Scripted({"writer": [lines + again], "editor": ["x"]})
    run, messages = await work(make(engine), team_of(LOOP.replace("rounds: 3", "rounds: 1")), FACTS)
    assert run.state == "complete"
    assert messages[1].content == lines.strip()
    assert messages[1].note == "ended where it began to repeat itself"
    assert messages[1].completion_tokens < 60


FORM = """\
inputs: {task: {}}
roles:
  maker:
    does: make
    reads: task
    output: {json: {type: object, required: [n], properties: {n: {type: integer}}}}
  user: {does: use, reads: maker}
steps: [maker, user]
"""


async def test_json_is_asked_for_again_once_and_then_stands_as_it_is(make: MakeRuns):
    engine = Scripted({"maker": ["{broken", '{"n": 3}'], "user": ["u"]})
    run, messages = await work(make(engine), team_of(FORM))
    assert [(o.state, o.value) for o in messages[1:3]] == [("failed", None), ("complete", {"n": 3})]
    assert engine.asked["maker"][0].grammar is not None
    assert engine.asked["maker"][1].sampling.seed == 1
    engine = Scripted({"maker": ["{broken", '{"n": "x"}'], "user": ["u"]})
    run, messages = await work(make(engine), team_of(FORM))
    assert run.state == "complete"
    assert messages[2].state == "broken"
    assert "not of its form" in messages[2].note
    assert '{"n": "x"}' in engine.asked["user"][0].messages[-1].content


async def test_a_tool_that_hangs_is_cut_off_and_the_turn_goes_on(make: MakeRuns):
    text = """\
inputs: {task: {}}
roles: {clerk: {does: "add [[tool]]", reads: task, tools: [calculate]}}
steps: [clerk]
"""

    async def calculate(expression: str) -> str:
        """Calculate."""
        await asyncio.sleep(60)
        return expression

    slow = tool_of(calculate, seconds=0.1)
    runs = make(FakeEngine(), tools=lambda owner: [slow])
    run, messages = await work(runs, team_of(text))
    assert run.state == "complete"
    assert messages[1].tools[0]["name"] == "calculate"
    assert "cut off after 0.1 s" in messages[1].tools[0]["result"]
    assert messages[1].content


async def test_a_model_that_fails_ends_the_run_which_can_be_taken_up(make: MakeRuns):
    runs = make(Scripted({"writer": ["!the engine broke"], "editor": ["x"]}))
    run, messages = await work(runs, team_of(LOOP), FACTS)
    assert (run.state, run.reason) == ("failed", "writer: the engine broke")
    assert messages[-1].state == "failed"
    runs = make(Scripted({"writer": [TRUE], "editor": ["x"]}))
    await runs.resume(ME, run.id)
    assert (await ended(runs, run.id))[0].state == "complete"
    with pytest.raises(UsageError, match="is complete"):
        await runs.resume(ME, run.id)


async def test_stop_keeps_what_is_there(make: MakeRuns):
    engine = Scripted({"writer": ["~once upon a time"], "editor": ["x"]})
    runs = make(engine)
    run = await runs.start(ME, team_of(LOOP), Order(FACTS))
    async with aclosing(cast(Any, runs.follow(ME, run.id))) as events:
        async for event in events:
            if isinstance(event, Delta):
                break
    with pytest.raises(UsageError, match="at work"):
        await runs.resume(ME, run.id)
    stopped = await runs.stop(ME, run.id)
    assert stopped.state == "stopped"
    assert engine.open == 0
    _, messages = await runs.show(ME, run.id)
    assert (messages[-1].state, messages[-1].content) == ("stopped", "once upon a time")
    assert (await runs.stop(ME, run.id)).state == "stopped"
    await runs.remove(ME, run.id)
    with pytest.raises(NotFoundError):
        await runs.show(ME, run.id)
    assert await runs.list(ME) == []


async def test_closing_interrupts_and_another_process_goes_on(make: MakeRuns):
    runs = make(Scripted({"writer": [TRUE], "editor": ["~half"]}))
    run = await runs.start(ME, team_of(LOOP), Order(FACTS))
    async with aclosing(cast(Any, runs.follow(ME, run.id))) as events:
        async for event in events:
            if isinstance(event, Delta) and event.role == "editor":
                break
    await runs.aclose()
    engine = Scripted({"editor": ["whole"]})
    runs = make(engine)
    seen, before = await runs.show(ME, run.id)
    assert seen.state == "interrupted"
    await runs.resume(ME, run.id)
    seen, messages = await ended(runs, run.id)
    assert set(engine.asked) == {"editor"}
    assert messages[: len(before)] == before
    assert outcome(seen, messages).text == "whole"


PERSON = """\
inputs: {task: {}}
roles:
  author: {does: write, reads: task, writes: text}
  boss: {does: "Is it good?", judges: text, person: true}
steps: [{repeat: [author, boss], until: boss, rounds: 5}]
"""


async def test_a_person_takes_a_role_and_the_run_waits(make: MakeRuns):
    engine = Scripted({"author": ["one", "two two", "three three three"]})
    runs = make(engine)
    run, _ = await work(runs, team_of(PERSON))
    assert (run.state, run.waiting_for) == ("waiting", "boss")
    with pytest.raises(UsageError, match="it waits for boss"):
        await runs.say(ME, run.id, "author", "x")
    with pytest.raises(NotFoundError):
        await runs.say("other", run.id, "boss", "x")
    await runs.say(ME, run.id, "boss", "Longer, please")
    run, messages = await ended(runs, run.id)
    assert (run.state, messages[-2].passes) == ("waiting", False)
    assert messages[-2].by == "person"
    seen: list[str] = []

    async def others() -> None:
        async with aclosing(cast(Any, runs.follow(ME, run.id))) as events:
            async for event in events:
                if hasattr(event, "state") and not hasattr(event, "seq"):
                    seen.append(event.state)

    watcher = asyncio.create_task(others())
    await asyncio.sleep(0.1)
    other = make(Scripted({"author": ["unused"]}))  # a process that was started anew
    await other.say(ME, run.id, "boss", "ok")
    run, messages = await ended(other, run.id)
    await asyncio.wait_for(watcher, 5)
    assert (seen[0], seen[-1]) == ("waiting", "complete")
    assert run.state == "complete"
    assert messages[-1].passes
    assert run.spent.seconds < 5


async def test_any_role_can_be_taken_and_given_back(make: MakeRuns):
    runs = make(Scripted({"writer": [TRUE], "editor": ["by the model"]}))
    run, _ = await work(runs, team_of(LOOP), FACTS, persons=["editor"])
    assert (run.state, run.waiting_for) == ("waiting", "editor")
    with pytest.raises(UsageError, match="nothing to say"):
        await runs.say(ME, run.id, "editor", "  ")
    with pytest.raises(UsageError, match="did you mean 'editor'"):
        await runs.take(ME, run.id, "editer")
    await runs.take(ME, run.id, "editor", person=False)
    await runs.resume(ME, run.id)
    run, messages = await ended(runs, run.id)
    assert outcome(run, messages).text == "by the model"
    run, _ = await work(runs, team_of(LOOP), FACTS, persons=["editor"])
    await runs.say(ME, run.id, "editor", "by me")
    run, messages = await ended(runs, run.id)
    assert (messages[-1].by, messages[-1].content) == ("person", "by me")


CRITIC = """\
inputs: {task: {}}
roles:
  author: {does: {zh: 写, en: write}, reads: task, writes: text}
  critic:
    does: Is it good?
    judges: text
    checks: {zh: {longest: 10}, en: {longest: 20}}
steps: [{repeat: [author, critic], until: critic, rounds: 2}]
"""


async def test_a_critics_opinion_stands_beside_what_can_be_measured(make: MakeRuns):
    yes, no = '{"remarks": [], "passes": true}', '{"remarks": ["dull"], "passes": false}'
    engine = Scripted({"author": ["long " * 9, "short", "fine"], "critic": [yes, no]})
    _, messages = await work(make(engine), team_of(CRITIC))
    first, second = messages[2], messages[4]
    assert [(f["check"], f["holds"]) for f in first.findings] == [
        ("check", False), ("opinion", True),
    ]  # fmt: skip
    assert "20 characters at most" in first.content
    assert second.content == "- dull"
    assert (first.passes, second.passes) == (False, False)
    engine = Scripted({"author": ["fine"], "critic": ["no JSON"]})
    _, messages = await work(make(engine), team_of(CRITIC))
    assert messages[2].passes  # by what was measured alone
    assert "not counted" in messages[2].note


async def test_chinese_runs_speak_chinese(make: MakeRuns):
    engine = Scripted({"writer": [""], "editor": [""]})
    engine.script = {"你是writer": ["博物馆有500幅画。", "博物馆有120幅画。"], "你是editor": ["好"]}
    facts = {"facts": "博物馆5月3日开馆，有120幅画。"}

    async def chat(request: Any) -> Any:
        system = request.messages[0].content
        role = next(name for name in engine.script if system.startswith(name))
        asked = engine.asked.setdefault(role, [])
        asked.append(request)
        from zaohua.generate.events import Chunk, Finished, Usage

        yield Chunk(0, engine.script[role][min(len(asked), len(engine.script[role])) - 1])
        yield Finished(Usage(1, 1))

    engine._chat = chat  # type: ignore[method-assign]
    run, messages = await work(make(engine), team_of(LOOP), facts)
    assert (run.state, run.language) == ("complete", "zh")
    assert messages[2].content == "- “博物馆有500幅画。”：facts里没有500"
    assert "facts：" in engine.asked["你是writer"][0].messages[-1].content
    text = report(run, messages)
    assert "本内容由 AI 生成" in text
    assert "谁写了什么" in text
    json.dumps(whole(run, messages), default=str)


async def test_what_is_given_is_checked(make: MakeRuns, tmp_path: Any):
    runs = make(Scripted({"writer": [TRUE]}), guard=Guard(load_policy(tmp_path)))
    team = team_of(LOOP)
    for order, said in [
        (Order({}), "input 'facts' is missing"),
        (Order({"fact": "x"}), "did you mean 'facts'"),
        (Order(FACTS, language="fr"), "zh or en"),
        (Order(FACTS, persons=["edtor"]), "did you mean 'editor'"),
        (Order(FACTS, limits={"turns": 0}), "greater than or equal to 1"),
        (Order({"facts": "x" * 200_001}), "over 200,000"),
    ]:
        with pytest.raises(UsageError, match=said):
            await runs.start(ME, team, order)
    assert await runs.list(ME) == []


async def test_money_ends_a_run(make: MakeRuns):
    engine = Scripted({"writer": ["It was 7.", "It was 8."], "editor": ["x"]})
    runs = make(engine)
    [served] = models_of(engine).list()
    dear = replace(served, price_prompt=1e6, price_completion=1e6)
    runs._working._prices._known["fake"] = dear
    run, _ = await work(runs, team_of(LOOP), FACTS, limits={"cost": 10.0})
    assert run.state == "limited"
    assert "limits.cost" in run.reason
