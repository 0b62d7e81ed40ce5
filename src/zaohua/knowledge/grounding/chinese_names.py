"""Chinese names of bodies, places and persons, by what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zaohua.knowledge.grounding.facts import plain
from zaohua.knowledge.grounding.letters import Name

_HAN = "\u3400-\u9fff"
# Chinese names of bodies, places and persons by what stands beside them.
_STOP = re.compile(
    r"[的了吗呢吧啊么是在有和与及或这那哪谁什怎为把被给跟向从由请问我你您他她它们想找叫去到对说问，。？！、：；“”《》（）()\s]"
    r"|最早|现在|目前|今年|去年|以前|当年|关于|根据|按照|对于"
)
_BODY = (
    "科技|集团|股份|实业|工坊|制造|装备|商城|书店|事务所|研究院|研究所|基金会|有限公司|公司|银行|大学|学院|医院"
    "|诊所|中学|小学|幼儿园|酒店|饭店|餐厅|出版社|协会|俱乐部|博物馆|图书馆|工厂|药业|物流|超市|商店"
)
_ORGANISATION = re.compile(rf"([{_HAN}]{{2,10}})({_BODY})(?!{_BODY})")
_LEGAL = re.compile("(?:股份|集团)?(?:有限)?公司$")
_COMMON = re.compile(
    "物流|快递|保险|三甲|公立|私立|社区|定点|外地|本地|附近|其他|其它|别的|哪家|哪些|哪个|这家|那家|某家|一家|贵|母|子|分|总"
    "|科技|外资|民营|专科|综合|儿童|妇产|中医|口腔|宠物|合作|开户|竞争|大型|小型|任何|所有|学校|发卡|转诊|指定|网上|电子|线上"
    "|线下|国有|上市|中介|装修|搬家|旅行|贸易|外卖|会员|退|换|买|卖|开|用|能|可|来|回|看|进|出|给|朋友|同事|客户|家里|自己"
)
_PLACE = re.compile(rf"([{_HAN}]{{2,4}}?)(省|市|县|镇|乡|村|岛|州|渡|湾|街|路)")
_NO_PLACE = re.compile(
    "(?:超|城|上|门|股|全|本|外|各|菜|夜|集|都|跨|同)市|(?:全|本|外|跨|各|节)省|(?:公|道|马|铁|线|思|退|走|出|一|半|网|电|让|带|问)路"
    "|(?:全|本|外|城|农|山|各)[镇村县乡]|(?:半|孤)岛|(?:小|逛|上|步行)街"
)
_SURNAME = (
    "王李张刘陈杨赵吴周徐孙朱胡郭罗郑梁谢宋唐韩冯邓曹彭肖董袁潘蒋蔡杜程苏魏吕丁沈姚卢姜崔谭陆汪廖贾邹孟熊秦邱"
    "薛阎雷侯陶黎顾郝龚邵严戴裴温祝俞骆阮柏"
)
_TITLE = "先生|女士|老师|医生|大夫|医师|经理|教授|主任|律师|校长|总监|护士|师傅"
_PERSON = re.compile(
    rf"(?:^|[，,。？！、问找给跟叫由和与\s])(?!谢谢|周[一二三四五六日末几年边围期])([{_SURNAME}][{_HAN}]{{1,2}}?)"
    rf"(?=(?:{_TITLE})|是谁|是什么人|是干什么|是做什么|负责|的(?:电话|手机|邮箱|职务|办公室|生日|年龄|学历|联系)"
    r"|在哪个|几点|周几|哪天出|什么时候出)"
)
_TITLED = re.compile(rf"(?:^|[，,。？！、问找给跟叫由\s])([{_SURNAME}])({_TITLE}|总(?![是部共的]))")
_PLACES = re.compile(
    "北京|上海|天津|重庆|广州|深圳|杭州|南京|苏州|成都|武汉|西安|长沙|青岛|大连|厦门|宁波|郑州|昆明|哈尔滨|沈阳|福州|济南|合肥"
    "|新疆|西藏|内蒙古|宁夏|广西|香港|澳门|台湾|海南|云南|贵州|四川|甘肃|青海|黑龙江|吉林|辽宁|河北|河南|山东|山西|陕西|江苏"
    "|浙江|安徽|福建|江西|湖北|湖南|广东|美国|日本|韩国|英国|法国|德国|俄罗斯|加拿大|澳大利亚|新西兰|新加坡|马来西亚|泰国|越南"
    "|印度|意大利|西班牙|巴西|墨西哥|瑞士|瑞典|挪威|荷兰|欧洲|非洲|纽约|伦敦|巴黎|东京|首尔"
)


def bodies(question: str) -> Iterator[Name]:
    """Companies, schools and their like."""
    for segment in _STOP.split(question):
        match = _ORGANISATION.search(segment or "")
        if match is None or _COMMON.search(match[1]):
            continue
        full, stem = match.group(), _LEGAL.sub("", match[1])
        legal = match[2] in ("公司", "有限公司", "集团", "股份")
        other = "" if legal else rf"(?!{_BODY})"
        yield Name(full, (plain(full),), rf"{re.escape(stem)}{other}|{re.escape(match[1])}(?:公司)")


def places(question: str) -> Iterator[Name]:
    """Places."""
    for segment in _STOP.split(question):
        match = _PLACE.search(segment or "")
        if match and not _NO_PLACE.search(match.group()[-3:]):
            stem, end = match.groups()
            forms = tuple(stem[at:] + end for at in range(len(stem) - 1))
            yield Name(match.group(), forms, place=True)
    for match in _PLACES.finditer(question):
        before = question[: match.start()]
        if not re.search(r"我们?(?:现在|目前|人|家|住)?(?:在|是)$", before):
            yield Name(match.group(), (match.group(),), place=True)


def persons(question: str) -> Iterator[Name]:
    """Persons, by what is asked of them or by a title."""
    for match in _PERSON.finditer(question):
        name = match[1]
        yield Name(name, (name,), rf"{name[0]}(?:{_TITLE})")
    for match in _TITLED.finditer(question):
        yield Name(match[1] + match[2], (), match[1])
