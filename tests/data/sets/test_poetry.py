"""Poems of the package as texts."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.data.sets.making import FILES, SPRING, STEP, Notes, opened, parted, poem
from zaohua.data.records import Record, Unreadable
from zaohua.data.sets.poetry.corpus import is_wanted, poems, split_key
from zaohua.data.sets.poetry.forms import is_sound, laid_out, regular_form, verses
from zaohua.data.sets.poetry.options import PoetryOptions
from zaohua.data.sets.poetry.reading import poetry_records
from zaohua.errors import UsageError
from zaohua.progress import Silent
from zaohua.spec import read_spec


def texts(files: object = None, **options: object) -> list[Record]:
    chosen = read_spec(PoetryOptions, options, "test")
    members = opened(FILES if files is None else files)  # type: ignore[arg-type]
    return parted(poetry_records(members, "poetry", chosen, Silent()))[0]


def test_a_regular_poem_is_a_couplet_a_line_below_its_form_title_and_author() -> None:
    assert texts()[0].text == (
        "五言绝句《春晓》唐·孟浩然\n春眠不觉晓，处处闻啼鸟。\n夜来风雨声，花落知多少。"
    )


def test_the_script_can_be_kept_traditional_and_made_so() -> None:
    found = texts(script="traditional")
    assert found[0].text.splitlines()[1] == SPRING[0]
    assert "如夢令" in found[-1].text


def test_forms_are_told_by_lines_and_characters() -> None:
    kinds = [record.meta["form"] for record in texts()]
    assert kinds == ["五绝", "五绝", "七绝", "五律", "other", "词"]


def test_broken_poems_and_second_copies_are_left_out_and_counted() -> None:
    notes = Notes()
    found, unreadable = parted(poetry_records(opened(FILES), "poetry", PoetryOptions(), notes))
    assert len(found) == 6 and not unreadable
    assert notes.notes == ["poems left out: 2 broken, 1 duplicate"]


def test_kinds_and_dynasties_can_be_chosen() -> None:
    assert [r.meta["title"] for r in texts(kinds=["五律"])] == ["春望"]
    assert [r.meta["title"] for r in texts(dynasty=["宋"])] == ["如梦令"]


def test_only_poems_that_rhyme_are_given_when_asked() -> None:
    unrhymed = poem("無韻", "無名", ["白日依山盡，黃河入海山。", "欲窮千里目，更上一層樓。"])
    files = {"package/dist/quantangshi/poet.tang.0.json": [unrhymed, poem("登", "王", STEP)]}
    assert len(texts(files)) == 2
    assert [r.meta["title"] for r in texts(files, rhymed=True)] == ["登"]


def test_the_head_of_a_regular_poem_can_name_its_rhyme() -> None:
    heads = [record.text.splitlines()[0] for record in texts(rhyme_named=1)]
    assert heads[1] == "五言绝句·尤韵《登鹳雀楼》唐·王之涣"
    assert heads[0] == "五言绝句《春晓》唐·孟浩然"  # an oblique rhyme has no short name
    assert heads[4] == "诗《古风》唐·李白"


def test_a_sample_is_a_part_and_grows_with_its_share() -> None:
    files = {
        f"package/dist/quantangshi/poet.tang.{n}.json": [
            poem(
                str(n),
                "某",
                [f"{chr(0x4E00 + n)}{line[1:7]}{chr(0x4E00 + n)}{line[8:]}" for line in STEP],
            )
        ]
        for n in range(300)
    }
    small, large = ({r.source for r in texts(files, sample=share)} for share in (0.2, 0.5))
    assert small < large
    assert 30 < len(small) < 95 and 110 < len(large) < 190


def test_variants_of_a_poem_share_the_key_of_the_split_in_both_scripts() -> None:
    keys = {
        r.meta["split_key"]
        for script in ("simplified", "traditional")
        for r in texts(script=script)
    }
    assert len(keys) == 6
    lines = ("白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼")
    same = sum(split_key((*lines[:n], "改", *lines[n + 1 :])) == split_key(lines) for n in range(4))
    assert same >= 2


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("帝京篇十首 一", "帝京篇"),
        ("東皋十首  其五", "东皋"),
        ("九鎖山十詠 鳴鳳洞", "鸣凤洞"),
        ("句", "句"),
        ("送別（一作贈別）", "送别"),
        ("五月十九日大雨獨坐書事寄呈", ""),
        ("□□", ""),
    ],
)
def test_titles_are_the_title_proper(given: str, title: str) -> None:
    files = {"package/dist/quantangshi/poet.song.0.json": [poem(given, "某", STEP)]}
    assert texts(files)[0].meta["title"] == title


def test_an_unnamed_author_is_no_author() -> None:
    files = {"package/dist/quantangshi/poet.song.0.json": [poem("登", "佚名", STEP)]}
    assert texts(files)[0].text.startswith("五言绝句《登》宋\n")


def test_a_damaged_file_is_told_and_the_next_is_read() -> None:
    files = {
        "package/dist/quantangshi/poet.tang.0.json": b'[{"title": ',
        "package/dist/quantangshi/poet.tang.1000.json": [poem("登", "王", STEP)],
    }
    found, unreadable = parted(poetry_records(opened(files), "poetry", PoetryOptions(), Silent()))
    assert len(found) == 1
    assert unreadable[0].source == "poetry!package/dist/quantangshi/poet.tang.0.json"
    assert unreadable[0].reason.startswith("damaged JSON")


def test_a_row_that_is_no_poem_is_broken_and_not_fatal() -> None:
    rows = [{"title": "空"}, {"paragraphs": []}, {"paragraphs": None}, poem("登", "王", STEP)]
    left_out: Counter[str] = Counter()
    files = opened({"package/dist/quantangshi/poet.tang.0.json": rows})
    found = list(poems(files(), "simplified", left_out))
    assert len(found) == 1 and not isinstance(found[0], Unreadable)
    assert left_out == {"broken": 3}


def test_only_files_of_poems_are_read() -> None:
    assert is_wanted("package/dist/quantangshi/poet.tang.57000.json")
    assert not is_wanted("package/dist/quantangshi/error/poet.tang.0.json")
    assert not is_wanted("package/dist/quantangshi/authors.tang.json")
    assert not is_wanted("package/dist/songci/ci.song.2019y.json")


def test_chat_knows_only_regular_forms() -> None:
    with pytest.raises(UsageError, match="no instructions for 词"):
        texts(form="chat", kinds=["词"])


def test_an_unknown_option_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="kinds"):
        texts(kind=["五绝"])


def test_forms_and_layout() -> None:
    lines = verses("白日依山盡，黃河入海流。\n欲窮千里目，更上一層樓。")
    form = regular_form(lines)
    assert form is not None and (form.kind, form.lines, form.characters) == ("五绝", 4, 5)
    assert laid_out(lines).splitlines() == STEP
    assert regular_form(lines[:3]) is None
    assert not is_sound("白日依山□。") and is_sound("白日依山盡。")
