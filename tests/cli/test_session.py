"""Answers from plain Python: `generate_chat_response` and the session behind it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import zaohua
from tests.cli.conftest import environment
from zaohua.cli import shared as sharing
from zaohua.cli.shared import shared_session
from zaohua.errors import UsageError, ZaohuaError
from zaohua.generate.failures import EngineFailed, ModelNotFound, RequestRefused
from zaohua.generate.request import ChatRequest
from zaohua.session import Session
from zaohua.settings import Settings
from zaohua.store.models import InstalledModel
from zaohua.text.instructions import CHINESE


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = Session(Settings(home=tmp_path, engine="fake"))
    yield session
    session.close()


def test_prompt_in_text_out(session: Session):
    assert session.answers("[[say 好]]") == ["好"]


def test_several_answers(session: Session):
    assert session.answers("[[say 好]]", n=3) == ["好"] * 3


@pytest.mark.parametrize(
    ("prompt", "system", "told"),
    [("你好", "", [CHINESE]), ("你好", "答得短些。", ["答得短些。"]), ("Hello", "", [])],
)
def test_a_chinese_prompt_has_a_chinese_system_prompt_unless_told_otherwise(
    session: Session, monkeypatch: pytest.MonkeyPatch, prompt: str, system: str, told: list[str]
):
    asked: list[ChatRequest] = []
    ask = session.ask
    monkeypatch.setattr(session, "ask", lambda r, model: asked.append(r) or ask(r, model))
    session.answers(prompt, system=system)
    assert [m.content for m in asked[0].messages] == [*told, prompt]


@pytest.mark.parametrize("prompt", ["", "  \n", None, 7])
def test_nothing_to_answer_is_refused(session: Session, prompt: str):
    with pytest.raises(UsageError):
        session.answers(prompt)


@pytest.mark.parametrize("sampling", [{"top_k": -5}, {"top_p": 2.0}, {"n": 0}, {"max_tokens": -1}])
def test_impossible_sampling_is_refused(session: Session, sampling: dict[str, float]):
    with pytest.raises(RequestRefused):
        session.answers("x", **sampling)


def test_an_engine_that_fails_once_answers_again(session: Session):
    with pytest.raises(EngineFailed):
        session.answers("[[fail]]")
    assert session.answers("[[say 好]]") == ["好"]


def test_an_unknown_model_is_told(session: Session):
    with pytest.raises(ModelNotFound):
        session.answers("x", model="missing")


async def test_it_works_inside_a_running_loop(session: Session):
    assert asyncio.get_running_loop()
    assert session.answers("[[say 好]]") == ["好"]


def test_it_works_from_several_threads(session: Session):
    got: list[str] = []
    threads = [
        threading.Thread(target=lambda i=i: got.extend(session.answers(f"[[say {i}]]")))
        for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(got) == [str(i) for i in range(8)]


def test_a_closed_session_leaves_no_thread_and_can_start_again(session: Session):
    session.answers("x")
    session.close()
    assert "zaohua-session" not in {thread.name for thread in threading.enumerate()}
    assert session.answers("[[say 好]]") == ["好"]


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ZAOHUA_ENGINE", "fake")
    sharing._session.cache_clear()
    yield
    shared_session().close()
    sharing._session.cache_clear()


@pytest.mark.usefixtures("shared")
def test_one_sequence_is_text_and_more_are_a_list():
    assert zaohua.generate_chat_response("[[say 好]]") == "好"
    assert zaohua.generate_chat_response("[[say 好]]", num_return_sequences=2) == ["好", "好"]


@pytest.mark.usefixtures("shared")
def test_max_length_counts_tokens_of_the_answer():
    assert zaohua.generate_chat_response("[[say a b c d]]", max_length=2).split() == ["a", "b"]


@pytest.mark.usefixtures("shared")
def test_the_session_is_kept_between_calls():
    zaohua.generate_chat_response("x")
    assert shared_session() is shared_session()
    assert [t.name for t in threading.enumerate()].count("zaohua-session") == 1


def test_importing_does_no_work():
    code = "import sys, zaohua; print([m for m in sys.modules if m.startswith('zaohua.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_with_the_real_model_it_answers_and_the_process_ends(
    tmp_path: Path, model_home: Path, test_model: InstalledModel
):
    code = """if True:
        import zaohua
        ask = lambda: zaohua.generate_chat_response(
            "What is the capital of France?", max_length=12, do_sample=False
        )
        first = ask()
        print(first == ask(), first)
    """
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(model_home, ZAOHUA_MODEL=test_model.name, ZAOHUA_OFFLINE="1"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    same, text = done.stdout.split(maxsplit=1)
    assert same == "True"
    assert text.strip()


def test_a_model_that_cannot_be_had_is_one_clear_error(tmp_path: Path):
    session = Session(Settings(home=tmp_path, model="no-such-model", offline=True))
    with pytest.raises(ZaohuaError, match="no-such-model"):
        session.answers("x")
