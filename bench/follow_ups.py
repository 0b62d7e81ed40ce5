"""Follow-up questions over several domains, and what they mean with the questions before them.

A row: the questions before, the question, words that its standing text must have, words that it
must not have; no words at all: it stands alone. Half of them were written before the rules, half
after (`BEFORE`, `AFTER`).
"""

from __future__ import annotations

Row = tuple[tuple[str, ...], str, tuple[str, ...], tuple[str, ...]]

BEFORE: dict[str, tuple[Row, ...]] = {
    "zh": (
        (("拆开的商品可以退吗？",), "那定制的呢？", ("定制", "退"), ("拆开",)),
        (("蓝鲸台灯多少钱？",), "那保修多久？", ("蓝鲸台灯", "保修"), ("多少钱",)),
        (("蓝鲸台灯多少钱？",), "它有几种颜色？", ("蓝鲸台灯", "颜色"), ("多少钱",)),
        (("周一几点开门？",), "周日呢？", ("周日", "几点开门"), ("周一",)),
        (("寄到北京要几天？",), "新疆呢？", ("新疆", "几天"), ("北京",)),
        (("成人票多少钱？",), "儿童呢？", ("儿童", "多少钱"), ("成人",)),
        (("我的订单 A1003 到哪了？",), "那什么时候能到？", ("A1003", "什么时候能到"), ()),
        (("学生请假要找谁批准？",), "超过三天呢？", ("请假", "超过三天"), ()),
        (("布洛芬一天吃几次？",), "孕妇能吃吗？", ("布洛芬", "孕妇"), ()),
        (("王医生周几出诊？",), "李医生呢？", ("李医生", "周几出诊"), ("王医生",)),
        (("图书馆几点关门？",), "周末也一样吗？", ("图书馆", "周末"), ()),
        (("会员有什么优惠？",), "怎么办理？", ("会员", "办理"), ()),
        (("蓝鲸台灯多少钱？", "那保修多久？"), "有几种颜色？", ("蓝鲸台灯", "颜色"), ()),
        (("拆开的商品可以退吗？", "那定制的呢？"), "运费谁出？", ("运费", "退"), ()),
        (("蓝鲸台灯多少钱？", "白鹭书架多少钱？"), "它能承重多少？", ("白鹭书架", "承重"), ("蓝鲸",)),
        (("怎么申请退款？",), "你们支持花呗分期付款吗？", (), ()),
        (("校服多少钱一套？",), "在哪里买？", ("校服", "买"), ()),
        (("年假有几天？",), "病假呢？", ("病假", "几天"), ("年假",)),
        (("年假有几天？",), "没休完怎么办？", ("年假", "没休完"), ()),
        (("押金是多少？",), "什么时候退？", ("押金", "退"), ()),
        (("一楼有洗手间吗？",), "二楼呢？", ("二楼", "洗手间"), ("一楼",)),
        (("体检前需要空腹吗？",), "可以喝水吗？", ("体检", "喝水"), ()),
        (("Pro 版支持多少人？",), "基础版呢？", ("基础版", "多少人"), ("Pro",)),
        (("退货地址是什么？",), "谢谢", (), ()),
        (("红色的有货吗？",), "蓝色的呢？", ("蓝色", "有货"), ("红色",)),
        (("身份证丢了能登机吗？",), "护照呢？", ("护照", "丢"), ("身份证",)),
        (("食堂几点开饭？",), "今天天气怎么样？", (), ()),
        (("你们接受信用卡吗？",), "现金呢？", ("现金", "接受"), ("信用卡",)),
        (("发票怎么开？",), "那抬头写错了怎么办？", ("发票", "抬头"), ()),
        (("小学部几点放学？",), "那初中部呢？", ("初中部", "几点放学"), ("小学部",)),
    ),
    "en": (
        (("Can I return opened goods?",), "and custom ones?", ("custom", "return"), ("opened",)),
        (("How much is the Whale lamp?",), "And how long is its warranty?", ("Whale lamp", "warranty"), ("How much",)),
        (("How much is the Whale lamp in white?",), "What about blue?", ("blue", "lamp"), ("white",)),
        (("When do you open on Monday?",), "And on Sunday?", ("Sunday", "open"), ("Monday",)),
        (("How long does shipping to Berlin take?",), "What about Iceland?", ("Iceland", "shipping"), ("Berlin",)),
        (("How much is an adult ticket?",), "And for children?", ("children", "ticket"), ()),
        (("Where is my order A1003?",), "When will it arrive?", ("A1003", "arrive"), ()),
        (("Who approves leave for pupils?",), "What if it is longer than three days?", ("leave", "three days"), ()),
        (("How often can I take ibuprofen?",), "Is it safe during pregnancy?", ("ibuprofen", "pregnancy"), ()),
        (("When is Dr Moss in the clinic?",), "And Dr Hale?", ("Hale", "clinic"), ("Moss",)),
        (("When does the library close?",), "Is that the same at weekends?", ("library", "weekends"), ()),
        (("What discounts do members get?",), "How do I become one?", ("members", "become"), ()),
        (("How much is the Whale lamp?", "And how long is its warranty?"), "What colours does it come in?", ("Whale lamp", "colours"), ()),
        (("Can I return opened goods?", "and custom ones?"), "Who pays the postage?", ("postage", "return"), ()),
        (("How much is the Whale lamp?", "How much is the Heron bookcase?"), "How much weight can it hold?", ("Heron", "weight"), ("Whale",)),
        (("How do I get a refund?",), "Do you offer instalments on bicycles?", (), ()),
        (("How much is a school uniform?",), "Where can I buy one?", ("uniform", "buy"), ()),
        (("How many days of annual leave do I get?",), "And sick leave?", ("sick leave", "How many days"), ("annual",)),
        (("How many days of annual leave do I get?",), "Can I carry them over?", ("annual leave", "carry"), ()),
        (("How much is the deposit?",), "When do I get it back?", ("deposit", "back"), ()),
        (("Is there a toilet on the first floor?",), "What about the second floor?", ("second floor", "toilet"), ("first",)),
        (("Do I have to fast before the blood test?",), "May I drink water?", ("blood test", "water"), ()),
        (("How many users does the Pro plan allow?",), "And the Basic plan?", ("Basic", "users"), ("Pro",)),
        (("What is the return address?",), "Thanks!", (), ()),
        (("Do you have the red one in stock?",), "How about the green one?", ("green", "stock"), ("red",)),
        (("Can I board if I lost my identity card?",), "And my passport?", ("passport", "lost"), ("identity",)),
        (("When is lunch served?",), "What is the weather like today?", (), ()),
        (("Do you accept credit cards?",), "And cash?", ("cash", "accept"), ("credit",)),
        (("How do I get an invoice?",), "What if the name on it is wrong?", ("invoice", "name"), ()),
        (("When does the primary school finish?",), "And the secondary school?", ("secondary", "finish"), ("primary",)),
    ),
}  # fmt: skip

AFTER: dict[str, tuple[Row, ...]] = {"zh": (), "en": ()}
