"""What English clauses say of their speaker."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from zaohua.assistant.memory.places import english_place
from zaohua.assistant.memory.values import Claim

_FILLER = re.compile(
    r"^(?:(?:hi|hello|hey)(?: there| everyone)?|well|also|by the way|btw|and|but|so|because|"
    r"since|as(?= i\b)|"
    r"oh|ok(?:ay)?|actually|just so you know|fyi|you know|for context|please note|note that|though|"
    r"currently|"
    r"for context|these days|nowadays|to be honest|yes|no)\b[\s,:]*",
    re.IGNORECASE,
)
_END = re.compile(
    r"\s+(?:and (?:i|my|we|hates?|loves?|likes?|is|need|want|find|work|will|can|would|have|am|"
    r"it)\b|but|"
    r"so|because|since|which|who|that's|these days|nowadays|now|right now|currently|at the moment|"
    r"any ?more|last (?:week|month|year)|this (?:week|month|year)|recently|as well|too|for (?:a|"
    r"the|about|"
    r"over|\d+|two|three|four|five|six|ten|many|several|years|months|work)\b).*$",
    re.IGNORECASE,
)
_I_AM = r"^(?:i'm|i am|im)\s+(?:currently |now |actually |originally |also )*"
_OFTEN = (
    r"(?:really |absolutely |just |also |always |mostly |usually |do |still |generally |simply )*"
)
_NUMBER = (
    r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    r"fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy)"
)
_LANGUAGE = (
    r"((?:simple |plain |british |american |simplified |traditional )?(?:english|chinese|mandarin|"
    r"cantonese|french|german|spanish|italian|portuguese|russian|japanese|korean|arabic|hindi|"
    r"dutch|"
    r"polish|turkish|swedish|vietnamese|thai|greek|latin|ukrainian|czech))"
)
_ALWAYS = (
    r"(?:from now on|from here on(?: out)?|in (?:the )?future|going forward|henceforth|"
    r"from today(?: on)?|"
    r"every time|always)"
)
_JOB = re.compile(
    r"\b(?:nurse|doctor|student|architect|chef|pilot|clerk|cook|barista|coach|judge|guide|musician|"
    r"analyst|artist|journalist|pharmacist|dentist|scientist|therapist|psychologist|accountant|"
    r"consultant|assistant|electrician|technician|mechanic|librarian|physician|politician|engineer|"
    r"teacher|professor|lawyer|attorney|manager|designer|developer|programmer|writer|author|editor|"
    r"driver|farmer|baker|butcher|firefighter|soldier|officer|translator|interpreter|actor|actress|"
    r"singer|dancer|photographer|carpenter|plumber|painter|builder|researcher|lecturer|tutor|"
    r"trainer|"
    r"cashier|waiter|waitress|bartender|hairdresser|tailor|salesperson|freelancer|contractor|"
    r"banker|"
    r"broker|economist|surgeon|vet|veterinarian|paramedic|secretary|receptionist|administrator|"
    r"director|founder|entrepreneur|gardener|fisherman|policeman|landlord|housewife|homemaker|"
    r"retiree|postdoc|undergraduate|freshman|sophomore|welder|machinist|miner|sailor|monk|priest)$",
    re.IGNORECASE,
)
_JUDGED = re.compile(
    r"\b(?:terrible|bad|good|great|big|huge|lousy|poor|decent|better|worse|real|true|not|never|"
    r"slow|fast|picky|lazy|your|his|her|their|wannabe|aspiring|future|would-be|born)\b",
    re.IGNORECASE,
)
_NOT_LIKED = re.compile(
    r"^(?:yours?|you|this|that|these|those|it|him|her|them|us|how|when|what|where|why|one|"
    r"to (?:know|see|"
    r"ask|think|thank|say|believe)|the (?:\w+ )?(?:one|idea|way|option|answer|version|first|"
    r"second|last|"
    r"sound|look)|(?:option|choice|version|plan|number|answer)\b|before|after|at|in|on|until|"
    r"much|enough|"
    r"out|well|too|anything|something|everything|nothing|and|or)\b",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"^(?:a|an|the|when|if|back|later|tomorrow|today|at|on|in|crazy|names|not|old|what|whatever|"
    r"anything|by|out|up|maybe|stupid|lazy|again|now)\b",
    re.IGNORECASE,
)
_AGED = re.compile(
    rf"\b{_NUMBER}\b|\bgrade|\bschool|kindergarten|college|universit|\bold\b|\bborn\b|\bbaby\b",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"\d|january|february|march|april|may\b|june|july|august|september|october|november|december",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    pattern: re.Pattern[str]
    value: Callable[[str], str]
    ended: bool = False


def _cut(text: str) -> str:
    """``text`` up to where another thought begins."""
    return _END.sub("", text).strip(" .,")


def _short(text: str) -> str:
    cut = _cut(text)
    return cut if len(cut.split()) <= 6 else ""


def _name(text: str) -> str:
    if _NOT_A_NAME.search(text):
        return ""
    found = re.match(r"[A-Z][\w'-]*\.?(?: [A-Z][\w'.-]*){0,2}|[a-z][\w'-]{1,15}$", text)
    return found.group() if found else ""


def _capital_name(text: str) -> str:
    return _name(text) if text[:1].isupper() else ""


def _job(text: str) -> str:
    before = re.split(r"\s+(?:at|in|for|from|with|of|on|by|working|based|living)\b", _cut(text))[0]
    return before if _JOB.search(before) and not _JUDGED.search(before) else ""


def _work(text: str) -> str:
    before = re.split(r"\s+(?:at|in|for|from|with|on)\b", _cut(text))[0]
    return (
        before
        if len(before.split()) <= 5 and " as" not in before and not _JUDGED.search(before)
        else ""
    )


def _liked(text: str) -> str:
    return "" if _NOT_LIKED.search(text) else _short(text)


def _child(text: str) -> str:
    cut = _cut(text)
    return cut if _AGED.search(cut) and len(cut.split()) <= 9 else ""


def _date(text: str) -> str:
    return text.strip(" .") if _DATED.search(text) and len(text.split()) <= 6 else ""


def _rule(kind: str, pattern: str, value: Callable[[str], str], *, ended: bool = False) -> _Rule:
    return _Rule(kind, re.compile(pattern, re.IGNORECASE), value, ended)


_MOVED = (
    r"^(?:(?:i|we)(?:'ve| have|'m| am|'re| are)? |(?=living|based))(?:been |just |recently |now |"
    r"currently |still |all )*"
)
_RULES = (
    _rule(
        "name",
        r"^(?:my (?:full |first )?name(?:'s| is)|the name's|i go by|i'm called|"
        r"i am called) (.+)$",
        _name,
    ),
    _rule(
        "name",
        r"^(?:(?:you (?:can|may|could) |please |just |everyone |everybody |people |"
        r"friends |"
        r"they )*(?:all )?)call me (.+)$",
        _capital_name,
    ),
    _rule(
        "city",
        _MOVED + r"(?:live|living|reside|based|settled) (?:in|"
        r"near) (.+)$",
        english_place,
    ),
    _rule("city", _MOVED + r"(?:moved|relocated|moving) (?:from .+? )?to (.+)$", english_place),
    _rule(
        "city",
        r"^i (?:no longer live in|moved (?:away from|"
        r"out of)) (.+)$",
        english_place,
        ended=True,
    ),
    _rule("city", r"^i (?:don't|do not) live in (.+?) any ?more$", english_place, ended=True),
    _rule("hometown", _I_AM + r"from (.+)$", english_place),
    _rule(
        "hometown",
        r"^(?:i (?:come|hail) from|i was born(?: and raised)? in|i grew up in) (.+)$",
        english_place,
    ),
    _rule("hometown", _I_AM + r"an? [\w ]{3,30}? from (.+)$", english_place),
    _rule(
        "job",
        r"^i (?:work|am working|currently work|now work|worked) as (?:an? |"
        r"the )?(.+)$",
        _work,
    ),
    _rule("job", _I_AM + r"working as (?:an? )?(.+)$", _work),
    _rule("job", _I_AM + r"(?:an?|the) (.+)$", _job),
    _rule("job", r"^i(?:'ve| have) been (?:an?|working as an?) (.+)$", _job),
    _rule("job", r"^my (?:job|profession|occupation) is (?:being )?(?:an? )?(.+)$", _work),
    _rule("job", r"^i (teach .+)$", _short),
    _rule("job", r"^(?:speaking )?as an? (.+)$", _job),
    _rule(
        "job",
        r"^(?:i|we) ((?:run|own) (?:an?|my own) [\w -]{0,20}?(?:bakery|shop|restaurant|"
        r"company|business|store|"
        r"cafe|café|studio|farm|startup|bar|hotel|agency|clinic|salon))\b.*$",
        str,
    ),
    _rule("job", r"^i(?:'m| am) no longer (?:an? )?(.+)$", _job, ended=True),
    _rule(
        "age",
        r"^(?:i'm|i am|i just turned|i turned) ("
        + _NUMBER
        + r"(?:[- ]\w+)? years? old(?= |$)|"
        + _NUMBER
        + r")(?: now| today|(?<=old) .*)?$",
        _cut,
    ),
    _rule("name", r"^(?:it's |this is )?(?-i:([A-Z][a-z]+)) here$", _name),
    _rule("birthday", r"^my birthday(?:'s| is)(?: on)? (.+)$", _date),
    _rule("birthday", r"^i was born on (?:the )?(.+)$", _date),
    _rule(
        "allergy",
        _I_AM + r"(?:severely |very |really |deathly |quite |"
        r"highly )*allergic to (.+)$",
        _short,
    ),
    _rule("allergy", r"^i have an? (?:severe |bad )?(.+?) allergy$", _short),
    _rule(
        "allergy",
        r"^i(?:'m| am) (?:no longer|"
        r"not) allergic to (.+?) any ?more$",
        _short,
        ended=True,
    ),
    _rule("allergy", r"^i(?:'m| am) no longer allergic to (.+)$", _short, ended=True),
    _rule(
        "diet",
        r"^(?:i'm|i am|i've been|i have been|i became|i went|i've gone|i've become|"
        r"i turned) "
        r"(?:now |a |an |strictly |strict |mostly |fully )*"
        r"(vegan|vegetarian|pescatarian|halal|kosher|gluten[- ]free|keto)\b(?!').*$",
        str,
    ),
    _rule("diet", r"^we(?:'re| are) (?:an? |all )?(vegan|vegetarian|kosher|halal)\b.*$", str),
    _rule(
        "diet",
        r"^i (?:only )?(?:eat|keep|follow)(?: an?)? (vegan|vegetarian|halal|kosher|"
        r"keto|gluten[- ]free)"
        r"\b.*$",
        str,
    ),
    _rule(
        "diet",
        r"^i(?:'m| am) (?:no longer|not) (?:an? )?(vegan|vegetarian|"
        r"pescatarian)(?: any ?more)?$",
        str,
        ended=True,
    ),
    _rule(
        "avoid",
        r"^i (?:really )?(?:can't|cannot|don't|do not|no longer|never|can no longer|"
        r"mustn't|won't) (?:ever )?(?:eat|drink|smoke) (?:any )?(.+)$",
        _liked,
    ),
    _rule(
        "avoid",
        r"^i(?:'ve| have)? (?:quit|stopped|given up|gave up) (?:eating |"
        r"drinking )?(.+)$",
        lambda text: (
            ""
            if re.match(
                r"(?:my|the|this|going|trying|"
                r"work)",
                text,
                re.I,
            )
            else _short(text)
        ),
    ),
    _rule("avoid", _I_AM + r"(\w+)[- ]intolerant$", _short),
    _rule(
        "dislike",
        r"^i (?:really |absolutely )?(?:hate|dislike|can't stand|cannot stand|"
        r"detest|loathe|"
        r"don't (?:really |much )?(?:like|enjoy)|do not (?:like|enjoy)) (.+)$",
        _liked,
    ),
    _rule("like", rf"^i {_OFTEN}(?:like|love|enjoy|prefer|adore) (.+)$", _liked),
    _rule(
        "like",
        _I_AM + r"(?:really |very |so |big |a (?:big |huge )?)?(?:into|keen on|fond of|"
        r"passionate about|"
        r"fan of) (.+)$",
        _liked,
    ),
    _rule("like", r"^my (?:favou?rite [\w ]{2,20}|hobby|hobbies)(?:'s| is| are) (.+)$", _liked),
    _rule(
        "child",
        r"^(?:my|our) ((?:eldest |oldest |youngest |older |younger |little |"
        r"first )?(?:son|daughter|kid|"
        r"child|baby|twins)(?:'s| is| are| will| just turned| turned| turns| goes to| started|"
        r" has turned) .+)$",
        _child,
    ),
    _rule(
        "child",
        rf"^(?:i|we) have (?:got )?((?:{_NUMBER}|a|an) (?:\w+ )?(?:kids?|child|"
        rf"children|sons?|"
        r"daughters?|bab(?:y|ies)|twins).*)$",
        _short,
    ),
    _rule(
        "pet",
        rf"^(?:i|we)(?:'ve got| have(?: got)?| own| adopted| got| just adopted)"
        rf" ((?:an?|some|{_NUMBER})(?: [\w-]+){{0,2}} (?:dogs?|cats?|pupp(?:y|ies)|kittens?|"
        rf"parrots?|"
        r"rabbits?|hamsters?|horses?|goldfish)(?: (?:named|called) [A-Z]\w+)?)(?= (?:and|who|"
        r"which|that|at|in|with|now|last|this|from|for|yesterday)\b|$).*$",
        str,
    ),
    _rule(
        "pet",
        r"^(?:my|our) ((?:dog|cat|puppy|kitten|parrot|rabbit|hamster|horse)(?:,|"
        r" is (?:called|named)|'s "
        r"name is)? (?-i:[A-Z]\w+))\b.*$",
        str,
    ),
    _rule(
        "learning",
        r"^i(?:'m| am|'ve been| have been|'ve started| have started|"
        r" started) (?:currently |now )*"
        r"(?:learning|studying)(?: for| to (?=\w))? ?(.+)$",
        _liked,
    ),
)
_GREETED = re.compile(
    r"^(?:hi|hello|hey|good (?:morning|evening|afternoon))\b.{0,14}?[,!. ]+(?:i'm|i am|this is) "
    r"([A-Z][a-z]+(?: [A-Z][a-z]+)?)(?=$|[,.!])",
    re.IGNORECASE,
)
_NATION = re.compile(
    r"(?:ese|ish|[aeiou]an|ican|german|greek|french|dutch|ok|muslim)$", re.IGNORECASE
)
_SPEAK = re.compile(
    r"\b(?:answer|reply|respond|speak|write|talk|use)\b(?: to me| me)?(?: only)?(?: in)? "
    + _LANGUAGE,
    re.IGNORECASE,
)
_MARK = re.compile(rf"\b{_ALWAYS}\b[, ]*", re.IGNORECASE)
_STYLE = re.compile(
    r"\b(?:answers?|repl(?:y|ies)|responses?|respond|explain|explanations?|code|examples?|bullet|"
    r"emojis?|tone|be (?:brief|concise|formal|polite|short))\b",
    re.IGNORECASE,
)


def english_claims(clause: str) -> Iterator[Claim]:
    """What one clause says; a profession with where somebody is from are two."""
    plain = clause
    while (shorter := _FILLER.sub("", plain)) != plain:
        plain = shorter
    taken: set[str] = set()
    for rule in _RULES:
        found = rule.pattern.search(plain)
        if not found or (taken and {rule.kind, *taken} != {"job", "hometown"}):
            continue
        if rule.kind not in taken and (value := rule.value(found.group(1).strip())):
            taken.add(rule.kind)
            yield Claim(rule.kind, value, "en", ended=rule.ended)


def english_orders(sentence: str) -> Iterator[Claim]:
    """How a sentence wants answers to be from now on, and who greets."""
    found = _GREETED.search(sentence)
    if found and found.group(1)[:1].isupper() and not _NATION.search(found.group(1)):
        yield Claim("name", found.group(1), "en")
    if not _MARK.search(sentence):
        return
    if found := _SPEAK.search(sentence):
        yield Claim("language", found.group(1), "en")
        return
    wish = _MARK.sub("", sentence).strip(" ,.")
    wish = re.sub(
        r"^(?:please|could you|can you|,|\s)+|[, ]*please$", "", wish, flags=re.IGNORECASE
    )
    if _STYLE.search(wish) and not re.match(
        r"(?:i|you|it|he|she|they|my|the)\b", wish, re.IGNORECASE
    ):
        yield Claim("style", wish, "en")
