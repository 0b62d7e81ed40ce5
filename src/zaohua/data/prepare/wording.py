"""What steps and reasons are called on the report page, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Both = tuple[str, str]

STEPS: Mapping[str, Both] = MappingProxyType(
    {
        "read": ("Read", "读取"),
        "repair": ("Encoding repair", "编码修复"),
        "normalise": ("Normalisation", "字符规范"),
        "markup": ("Markup and boilerplate", "标记与套话"),
        "language": ("Language", "语言识别"),
        "chinese_script": ("Chinese script", "繁简转换"),
        "length": ("Length", "长度"),
        "composition": ("Composition", "成分"),
        "lines": ("Lines", "行的样子"),
        "repetition": ("Repetition", "重复"),
        "harmful_words": ("Harmful words", "有害词"),
        "personal": ("Personal data", "个人信息"),
        "contamination": ("Contamination", "评测污染"),
        "duplicates": ("Exact duplicates", "完全重复"),
        "near_duplicates": ("Near-duplicates", "近似重复"),
        "duplicate_lines": ("Duplicate lines", "重复行"),
    }
)

WORK: Mapping[str, Both] = MappingProxyType(
    {
        "read": ("every document the sources gave", "各来源给出的全部文档"),
        "repair": ("undoes wrong decodings, drops garbled text", "还原解码错误，丢弃乱码"),
        "normalise": ("one way of writing characters and line ends", "统一字符与换行的写法"),
        "markup": ("removes tags and legal notices", "去除标签与版权套话"),
        "language": ("writes the language down, keeps the wanted ones", "标注语言，只留所需语言"),
        "chinese_script": ("writes Chinese in one script", "统一繁体或简体"),
        "length": ("drops what is too short or too long", "丢弃过短或过长的文档"),
        "composition": (
            "share of letters, digits, signs, common words",
            "字母、数字、符号与常用词的比例",
        ),
        "lines": ("lists, teasers, menus and page code", "列表、摘要、菜单与网页代码"),
        "repetition": ("the same words again and again", "反复出现的相同内容"),
        "harmful_words": ("pornography, gambling and fraud", "色情、赌博与诈骗"),
        "personal": ("replaces numbers and addresses by what they were", "用类别替换号码与地址"),
        "contamination": ("texts of the evaluation sets", "含有评测集内容的文档"),
        "duplicates": ("keeps the first of equal documents", "相同文档只留第一篇"),
        "near_duplicates": ("keeps the first of nearly equal documents", "近似文档只留第一篇"),
        "duplicate_lines": ("removes lines that stood in an earlier text", "删去前文出现过的行"),
    }
)

REASONS: Mapping[str, Both] = MappingProxyType(
    {
        "broken_encoding": ("broken encoding", "编码损坏"),
        "empty": ("nothing left", "处理后为空"),
        "empty_turn": ("an empty turn", "对话中有空轮次"),
        "too_short": ("too short", "过短"),
        "too_long": ("too long", "过长"),
        "symbols": ("too many symbols", "符号过多"),
        "digits": ("too many digits", "数字过多"),
        "signs": ("too many # and …", "# 与省略号过多"),
        "few_letters": ("too few letters", "文字过少"),
        "word_length": ("odd word length", "词长异常"),
        "few_common_words": ("no common words", "缺少常用词"),
        "few_common_characters": ("no common characters", "缺少常用字"),
        "braces": ("code of a page", "网页代码"),
        "bullets": ("mostly bullets", "几乎全是列表"),
        "ellipses": ("lines cut off", "多行以省略号结尾"),
        "short_lines": ("mostly short lines", "几乎全是短行"),
        "no_sentence_ends": ("no sentence ends", "没有句末标点"),
        "repeated_lines": ("repeated lines", "行重复"),
        "repeated_paragraphs": ("repeated paragraphs", "段落重复"),
        "harmful_words": ("harmful words", "有害词"),
        "contaminated": ("in an evaluation set", "与评测集重合"),
        "duplicate": ("exact duplicate", "完全重复"),
        "near_duplicate": ("near-duplicate", "近似重复"),
        "duplicate_lines": ("mostly lines seen before", "大半是出现过的行"),
    }
)

LANGUAGES: Mapping[str, Both] = MappingProxyType(
    {
        "zh": ("Chinese", "中文"),
        "en": ("English", "英文"),
        "mixed": ("Chinese and English", "中英混合"),
        "ja": ("Japanese", "日文"),
        "ko": ("Korean", "韩文"),
        "de": ("German", "德文"),
        "fr": ("French", "法文"),
        "es": ("Spanish", "西班牙文"),
        "ru": ("Russian", "俄文"),
        "und": ("no letters", "无文字"),
        "unknown": ("not determined", "未识别"),
    }
)


def reason(code: str) -> Both:
    """What a reason is called; the rules of n-grams and languages are put together."""
    if code in REASONS:
        return REASONS[code]
    if code.startswith("language_"):
        english, chinese = language(code.removeprefix("language_"))
        return f"language: {english}", f"语言：{chinese}"
    if code.startswith(("top_", "repeated_")):
        n = "".join(filter(str.isdigit, code))
        return f"repeated runs of {n} words", f"{n} 词连续重复"
    return code, code


def language(code: str) -> Both:
    """What a language is called; its code where we have no name."""
    return LANGUAGES.get(code, (code, code))
