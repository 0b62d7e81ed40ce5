"""What single passages say, read without a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaohua.knowledge.graph.extraction.gazetteer import Known, gazetteer
from zaohua.knowledge.graph.extraction.passages import Text, extract
from zaohua.knowledge.graph.extraction.sentences import sentences, validity
from zaohua.knowledge.graph.names import is_name, is_value

NOTHING = gazetteer([])


def said(text: str, title: str = "", *headings: str, known=NOTHING, is_row: bool = False):
    found = extract(Text(text, title, headings, "", is_row), known)
    return [(one.subject, one.relation, one.object) for one in found.statements]


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("青禾科技由林远于2015年创立。", ("青禾科技", "由…创立", "林远")),
        ("青禾科技的创始人是林远。", ("青禾科技", "创始人", "林远")),
        ("林远是青禾科技的创始人。", ("青禾科技", "创始人", "林远")),
        ("林远担任青禾科技的董事长。", ("青禾科技", "董事长", "林远")),
        ("青禾科技的总部设在石泉镇。", ("青禾科技", "总部", "石泉镇")),
        ("青禾科技成立于2015年3月。", ("青禾科技", "成立于", "2015年3月")),
        ("陈晓在白鹭书店工作。", ("陈晓", "在…工作", "白鹭书店")),
        ("目前，青禾科技位于石泉镇。", ("青禾科技", "位于", "石泉镇")),
        ("青禾科技的零件由远汀工坊供应。", ("青禾科技", "零件由…供应", "远汀工坊")),
        ("阿司匹林是一种解热镇痛药。", ("阿司匹林", "是", "一种解热镇痛药")),
        ("Alder Works was founded by Maren Vahl in 1965.", ("Alder Works", "founded by", "Maren Vahl")),
        ("The founder of Alder Works is Maren Vahl.", ("Alder Works", "founder", "Maren Vahl")),
        ("Maren Vahl is the founder of Alder Works.", ("Alder Works", "founder", "Maren Vahl")),
        ("Alder Works's wife is Ilse Hale.", ("Alder Works", "wife", "Ilse Hale")),
        ("Maren Vahl founded Alder Works in 1965.", ("Maren Vahl", "founded", "Alder Works")),
        ("Alder Works is based in Coldwater.", ("Alder Works", "based in", "Coldwater")),
        ("The head office of Alder Works is in Coldwater.", ("Alder Works", "head office", "Coldwater")),
        ("Ilse Hale works at Brindle Labs.", ("Ilse Hale", "works at", "Brindle Labs")),
        ("Aspirin is a painkiller.", ("Aspirin", "is", "painkiller")),
    ],
)  # fmt: skip
def test_turns_of_phrase(text: str, statement: tuple[str, str, str]) -> None:
    first, *_ = said(text)
    assert (first[0], first[2]) == (statement[0], statement[2])
    assert first[1].removeprefix("is a").strip() in (statement[1], f"is {statement[1]}", "")


def test_pronouns_stand_for_the_topic() -> None:
    assert said("公司坐落于石泉镇。其创始人是林远。", "青禾科技") == [
        ("青禾科技", "坐落于", "石泉镇"),
        ("青禾科技", "创始人", "林远"),
    ]
    assert said("It is based in Coldwater. Its founder is Maren Vahl.", "Alder Works") == [
        ("Alder Works", "is based in", "Coldwater"),
        ("Alder Works", "founder", "Maren Vahl"),
    ]


def test_the_topic_is_the_innermost_heading_that_names_something() -> None:
    assert Text("", "青禾科技", ("青禾科技", "二、管理层")).topic == "青禾科技"
    assert Text("", "目录", ("产品手册", "3. KX-100 净水器")).topic == "KX-100 净水器"


def test_known_names_are_taken_whole() -> None:
    """制造 is a verb elsewhere."""
    known = gazetteer([Known("远汀晨砾制造")])
    assert ("远汀晨砾制造", "位于", "石泉镇") in said("远汀晨砾制造位于石泉镇。", known=known)


def test_lines_tables_and_rows() -> None:
    assert said("电话：0571-88\n- **产地**: 杭州、苏州\n", "青禾科技") == [
        ("青禾科技", "电话", "0571-88"),
        ("青禾科技", "产地", "杭州"),
        ("青禾科技", "产地", "苏州"),
    ]
    table = "| 品名 | 供应商 |\n|---|---|\n| 绿茶 | 青禾科技 |\n| 红茶 | 白鹭书店 |\n"
    assert said(table, "茶") == [("绿茶", "供应商", "青禾科技"), ("红茶", "供应商", "白鹭书店")]
    assert said("品名: 红茶\n产地: 云南", "", is_row=True) == [("红茶", "产地", "云南")]
    assert said("question: 怎么退货\nanswer: 联系客服", is_row=True) == []


def test_a_table_that_goes_on_has_its_head_before_it() -> None:
    passage = Text("| 红茶 | 白鹭书店 |\n", "茶", (), "| 品名 | 供应商 |")
    [one] = extract(passage, NOTHING).statements
    assert (one.subject, one.relation, one.object) == ("红茶", "供应商", "白鹭书店")


def test_other_names() -> None:
    found = extract(Text("中国青禾科技集团（简称青禾）位于石泉镇。"), NOTHING).mentions
    assert any(one.name == "青禾" and one.of == "中国青禾科技集团" for one in found)
    found = extract(Text("The Alder Works Group (AWG) is based in Coldwater."), NOTHING).mentions
    assert any(one.name == "AWG" and one.of == "Alder Works Group" for one in found)


def test_known_names_that_stand_together() -> None:
    known = gazetteer([Known("华法林", "药物"), Known("阿司匹林", "药物")])
    found = extract(Text("服用华法林期间慎用阿司匹林。"), known)
    assert [(one.name, one.kind) for one in found.mentions] == [
        ("华法林", "药物"),
        ("阿司匹林", "药物"),
    ]
    [one] = found.statements
    assert (one.subject, one.relation, one.object, one.way) == (
        "华法林",
        "一同提到",
        "阿司匹林",
        "together",
    )
    assert one.confidence < 0.3


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2015年至2020年，林远任青禾科技的总经理", ("2015", "2020")),
        ("自2021年3月起由陈晓负责", ("2021-03", "")),
        ("直到2019年12月31日为止", ("", "2019-12-31")),
        ("from 2015 to 2020 he led the firm", ("2015", "2020")),
        ("since 2021", ("2021", "")),
        ("until 2019", ("", "2019")),
        ("林远住在石泉镇", ("", "")),
    ],
)
def test_from_when_to_when(text: str, wanted: tuple[str, str]) -> None:
    assert validity(text) == wanted


def test_what_is_a_name() -> None:
    assert all(map(is_name, ("青禾科技", "Alder Works", "KX-100", "三一重工", "一汽")))
    assert not any(
        map(is_name, ("他", "it", "129.5", "2026年11月3日", "。。", "", "¥40", "300 mg"))
    )
    assert is_value("三百毫克")
    assert not is_value("三一重工")


@given(st.text("青禾科技是的由创立位于，。（）:：|-# \nAlder is the founder of.", max_size=120))
def test_no_passage_breaks_it(text: str) -> None:
    found = extract(Text(text, "标题", ("节",)), NOTHING)
    for one in found.statements:
        assert 0 <= one.start <= one.end <= len(text)
        assert one.subject and one.object
    assert all(text[s.start : s.end] == s.text for s in sentences(text))
