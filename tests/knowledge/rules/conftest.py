"""A rule file that has everything, and the day on which it is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from zaohua.knowledge.rules import RuleBook, load_rules

TODAY = date(2026, 11, 27)
"""A Friday."""

FILE = """
name: shop
title: {zh: 退货规则, en: Returns}
facts:
  delivered:
    type: date
    title: {zh: 签收日期, en: day of delivery}
    ask: {zh: "您是哪天签收的？", en: "When was it delivered?"}
    words: {zh: [签收, 收到, 到货, 买], en: [delivered, received, arrived, bought]}
  used:
    type: yes/no
    title: {zh: 使用过, en: used}
    words: {zh: [穿过, 穿了, 用过], en: [worn, used, wore]}
    opposites: {zh: [全新], en: [brand new]}
  opened:
    type: yes/no
    words: {zh: [拆封, 打开过, 拆开], en: [opened, open]}
  goods:
    type: choice
    title: {zh: 商品, en: goods}
    choices:
      shoes: {zh: [鞋子, 运动鞋, 鞋], en: [shoes, sneakers]}
      food: {zh: [食品, 零食], en: [food]}
      clothes: {zh: [衣服, 外套], en: [clothes, jacket]}
  price:
    type: money
    title: {zh: 价格, en: price}
    words: {zh: [价格, 花了, 付了], en: [price, paid, cost]}
  order:
    type: text
    patterns: ['订单号?\\s*[:：]?\\s*(\\w{6,})', 'order\\s+(?:no\\.?\\s*)?(\\w{6,})']
derived:
  days: today - delivered
  window:
    by: goods
    rows: {shoes: 30, food: 3}
    otherwise: 7
rules:
  - name: in-time
    if: days <= window and not used
    then:
      zh: 可以退货，还剩 {window - days} 天。
      en: You can return it, {window - days} days are left.
    else: {zh: 不能退货。, en: It cannot be returned.}
    because: {zh: 《退货政策》第 3 条, en: "Return policy, section 3"}
    unless: [opened-food]
  - name: opened-food
    if: goods == "food" and opened
    then: {zh: 食品拆封后不退。, en: Opened food is not taken back.}
    priority: 10
  - name: refund
    if: known(price)
    then: {zh: "退款 {price}。", en: "{price} is paid back."}
"""

DOSES = """
facts:
  dose: {type: number, unit: mg, words: [每次, 一次, dose, each, at a time, take, 吃]}
  often: {type: number, unit: per day}
  age: {type: number, unit: year, words: {zh: [年龄, 岁], en: [years, age, year, old]}}
  weight: {type: number, unit: kg, words: {zh: [体重], en: [weigh, weight]}}
  waited: {type: duration, unit: hour, words: {zh: [上次, 隔], en: [since, last]}}
  fever: {type: number, unit: celsius}
  pregnant: {type: yes/no, words: {zh: [怀孕, 孕妇], en: [pregnant]}}
derived:
  daily: dose * often
rules:
  - name: maximum
    if: daily <= min(4000, 60 * weight)
    then: "{daily}"
"""


@pytest.fixture
def write_rules(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "rules.yaml"
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.fixture
def shop(write_rules: Callable[[str], Path]) -> RuleBook:
    return load_rules(write_rules(FILE))


@pytest.fixture
def doses(write_rules: Callable[[str], Path]) -> RuleBook:
    return load_rules(write_rules(DOSES))
