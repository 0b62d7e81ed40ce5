"""What is not kept: secrets and numbers of cards and papers never, health only when asked to."""

from __future__ import annotations

import re

from zaohua.text.personal import masked

_NEVER = ("id", "ssn", "card")
_UNASKED = ("phone", "landline", "email", "ip")
_SECRET = re.compile(
    r"密码|口令|验证码|私钥|助记词|支付码|取款码|"
    r"\b(?:pass(?:word|wd|code|phrase)s?|pin(?: code| number)?|cvv|cvc|otp|secret|"
    r"(?:api|private|access|secret) keys?|seed phrase|recovery phrase|token)\b",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\b(?:sk|pk|gh[pousr]|xox[abp]|AKIA|eyJ|zao)[-_A-Za-z0-9]{16,}"
    r"|-----BEGIN|\b(?=[A-Za-z0-9+/_-]*\d)(?=[A-Za-z0-9+/_-]*[A-Za-z])[A-Za-z0-9+/_-]{24,}"
)
_PAPER = re.compile(
    r"(?:身份证|护照|驾照|驾驶证|社保|医保|银行卡|信用卡|储蓄卡|军官证|通行证)[^，。,.]{0,6}?"
    r"(?:号|[:：是为])\D{0,4}[A-Za-z]{0,2}\d{4,}"
    r"|\b(?:passport|licen[cs]e|social security|ssn|card|account|iban|id)\b[^,.]{0,12}?\d{4,}"
    r"|(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)|(?<![\d-])(?:\d[ -]?){13,19}(?![\d-])",
    re.IGNORECASE,
)
_HEALTH = re.compile(
    r"病|癌|肿瘤|抑郁|焦虑症|自闭|高血压|高血糖|艾滋|怀孕|孕妇|流产|手术|确诊|诊断|吃药|服药|"
    r"药物|炎症|[一-鿿]炎|[一-鿿]症|残疾|心理医生|"
    r"\b(?:diagnos|depress|diabet|cancer|tumou?r|hiv|aids|pregnan|miscarr|surgery|medicat|asthma|"
    r"bipolar|anxiety|adhd|autis|epilep|disab|therap(?:y|ist)|disease|illness|syndrome|disorder|"
    r"hypertens|blood pressure|arthrit|migraine)",
    re.IGNORECASE,
)


def secret_in(text: str) -> bool:
    """Whether ``text`` tells a password, a key, or the number of a card or of papers."""
    if _SECRET.search(text) or _CODE.search(text) or _PAPER.search(text):
        return True
    return masked(text, chinese=True, kinds=_NEVER) != text


def private_in(text: str) -> bool:
    """Whether ``text`` tells of health, or a phone number or address: kept only if asked to."""
    return bool(_HEALTH.search(text)) or masked(text, chinese=True, kinds=_UNASKED) != text
