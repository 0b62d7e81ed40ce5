"""``zaohua knowledge rules`` and ``zaohua knowledge graph``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Here
from tests.knowledge.rules.conftest import FILE


@pytest.fixture
def rules(tmp_path: Path) -> str:
    (tmp_path / "shop.yaml").write_text(FILE, "utf-8")
    return "shop.yaml"


@pytest.fixture
def pages(tmp_path: Path, here: Here) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.md").write_text("# 青禾科技\n\n青禾科技由林远创立。\n", "utf-8")
    (folder / "b.md").write_text("# 林远\n\n林远的妻子是陈晓。\n", "utf-8")
    here("knowledge", "add", "pages", "--later")


def test_rules_check(here: Here, rules: str, tmp_path: Path) -> None:
    assert here("knowledge", "rules", "check", rules).stdout == (
        "shop.yaml: 3 rules, 6 facts, all in order\n"
    )
    told = json.loads(here("knowledge", "rules", "check", rules, "--json").stdout)
    assert told["rules"] == ["opened-food", "in-time", "refund"]
    (tmp_path / "bad.yaml").write_text("facts: {}\n", "utf-8")
    bad = here("knowledge", "rules", "check", "bad.yaml")
    assert (bad.returncode, bad.stderr) == (2, "zaohua: line 1: rules: is missing (bad.yaml)\n")


def test_rules_ask(here: Here, rules: str) -> None:
    asked = ("knowledge", "rules", "ask", rules, "签收 9 天了，鞋子没穿过，能退吗", "--today")
    shown = here(*asked, "2026-11-27").stdout
    assert "签收日期: 2026年11月18日" in shown
    assert "yes in-time: 可以退货，还剩 21 天。" in shown
    plain = json.loads(here(*asked, "2026-11-27", "--json").stdout)
    assert plain["facts"]["delivered"] == "2026-11-18"
    assert plain["missing"] == {}
    missing = here("knowledge", "rules", "ask", rules, "Can I return my shoes?").stdout
    assert "? delivered: When was it delivered?" in missing
    wrong = here(*asked, "soon")
    assert (wrong.returncode, len(wrong.stderr.splitlines())) == (2, 1)


def test_graph_build_show_path_ask(here: Here, pages: None) -> None:
    built = here("knowledge", "graph", "build", "--no-model")
    assert built.stdout.startswith("2 passages read: ")
    assert json.loads(here("knowledge", "graph", "build", "--json").stdout)["passages"] == 0
    shown = here("knowledge", "graph", "show", "林远").stdout
    assert shown.startswith("林远: 2 relations")
    around = json.loads(here("knowledge", "graph", "show", "林远", "--json").stdout)
    assert len(around["entities"]) == 3
    path = here("knowledge", "graph", "path", "青禾科技", "陈晓").stdout
    assert "1. 青禾科技 — 由…创立 — 林远" in path
    [first, *_] = json.loads(here("knowledge", "graph", "ask", "林远的妻子是谁", "--json").stdout)
    assert first["object"] == "陈晓"
    assert here("knowledge", "graph", "ask", "天气").stdout == "nothing is known\n"


def test_graph_with_a_model(here: Here, pages: None) -> None:
    built = json.loads(here("knowledge", "graph", "build", "--model", "fake", "--json").stdout)
    assert (built["passages"], built["refused"]) == (2, 0)


def test_graph_import(here: Here, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("subject,relation,object\nA社,供应商,B社\n,x,y\n", "utf-8")
    done = here("knowledge", "graph", "import", "r.csv")
    assert done.stdout == f"1 relations, 2 names from {tmp_path / 'r.csv'}\n"
    assert "not taken: " in done.stderr
    (tmp_path / "t.csv").write_text("品名,产地\n绿茶,杭州城\n", "utf-8")
    table = ("knowledge", "graph", "import", "t.csv", "--subject", "品名", "--kind", "茶")
    assert json.loads(here(*table, "--column", "产地=产自", "--json").stdout)["relations"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("build", "--model", "x", "--no-model"), 2, "cannot be given together"),
        (("import", "none.csv"), 1, "cannot be read"),
        (("import", "x.csv", "--kind", "y"), 2, "--kind and --column are for --subject"),
        (("show", "nobody"), 1, "nothing of that name is in the graph"),
        (("build", "-c", "nowhere"), 1, "no such collection"),
    ],
)
def test_what_cannot_be_is_one_line(here: Here, arguments, code, said) -> None:
    done = here("knowledge", "graph", *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
