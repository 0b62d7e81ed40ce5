"""From one script to the other, and old and irregular spellings that OpenCC leaves made regular."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from zaohua.data.readers.libraries import library

_PAIRS = """
隠隐 疎疏 踈疏 簷檐 鴈雁 鶑莺 頼赖 髪发 粧妆 徧遍 浄净 鬰郁 慙惭 鬭斗 鬬斗 蘂蕊 媿愧 僊仙 劒剑 猨猿
臯皋 賸剩 巵卮 髙高 嬾懒 馿驴 鼇鳌 珮佩 煖暖 櫂棹 牋笺 閙闹 罇樽 隣邻 妬妒 椀碗 盌碗 寛宽 餠饼 隄堤
鉏锄 歛敛 槃盘 慇殷 懃勤 臞癯 怱匆 堦阶 撚捻 筯箸 彊强 毬球 懽欢 秪只 秖只 鳯凤 缾瓶 飏扬 畧略 虀齑
覩睹 袴裤 邉边 斲斫 鏁锁 檝楫 犂犁 穉稚 拏拿 峩峨 悮误 筿筱 遯遁 笻筇 潄漱 廻回 囘回 磵涧 燄焰 麤粗
欵款 羃幂 俛俯 羮羹 栢柏 崄险 幙幕 朶朵 逈迥 歳岁 揺摇 飜翻 桮杯 碁棋 覊羁 竝并 暎映 珪圭 薫薰 壻婿
譍应 牓榜 鼈鳖 槩概 嚬颦 臙胭 烱炯 様样 鵶鸦 毎每 蕚萼 蠧蠹 憇憩 箎篪 緜绵 呌叫 讐仇
"""

REGULAR = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})
"""A table for `str.translate`: simplified text that OpenCC made, with regular characters."""


@lru_cache(maxsize=2)
def converter(conversion: str) -> Any:
    """OpenCC's ``t2s`` or ``s2t``.

    Raises:
        MissingExtraError: ``opencc`` is not installed.
    """
    return library("opencc", "the poetry set").OpenCC(conversion)
