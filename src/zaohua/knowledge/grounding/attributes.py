"""What things are asked about, and how a text shows that it says something of it.

Each attribute has the ways in which a question asks for it and the ways in which a text bears it,
Chinese and English. ``firm`` ones are written in so few ways that a text without any of them does
not hold the answer; the others only tell that different words mean the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from zaohua.knowledge.grounding.properties import PROPERTIES
from zaohua.knowledge.grounding.relations import rows


@dataclass(frozen=True)
class Attribute:
    """Patterns for folded texts.

    Attributes:
        asked: of the question.
        borne: of a text that says something of it; empty for the same as ``asked``.
        firm: whether a text without it cannot hold the answer.
        own: whether it has to be told of the very thing that is asked about.
    """

    asked: str
    borne: str = ""
    firm: bool = True
    own: bool = False

    @cached_property
    def question(self) -> re.Pattern[str]:
        """How it is asked for."""
        return re.compile(self.asked, re.IGNORECASE)

    @cached_property
    def text(self) -> re.Pattern[str]:
        """How it stands in a text."""
        return re.compile(self.borne or self.asked, re.IGNORECASE)


_EACH = (
    # How to reach somebody.
    (
        r"(?:电话|手机)号?码?(?:是|为|多少|几)|(?:电话|手机)号|联系电话|的电话[?？]?$|热线"
        r"|(?:tele)?phone number|what number|number (?:do|can|should) i call|hotline",
        r"\d[\d ()-]{5,}\d|(?:电话|热线|拨打|分机|短号|phone|call|tel\b|dial|ext\b|line)\D{0,12}\d{2,}",
    ),
    (r"邮箱(?:地址)?(?:是|为|多少|在|[?？]?$)|的邮箱|e-?mail address", r"\S@\S|\bat\b.{1,20}\bdot\b"),
    (
        r"网址|官网(?:是|地址)|网站地址|公众号(?:是|叫)|\burl\b|web ?site|web address",
        r"https?:|www\.|\w\.(?:com|cn|org|net|edu|example)\b|网址|官网|网站|公众号|web ?site|online",
    ),
    (
        r"总部|(?:的|店|公司|学校|医院|诊所|详细)地址|地址(?:是|在)|headquarter|head office|street address"
        r"|(?:is|are) .{2,40} (?:based|located)\b|(?:the|your|its) address",
        r"总部|地址|位于|坐落|设在|[路街巷道]\S{0,3}\d+|\d+号|headquarter|head office|\bbased\b|located"
        r"|address|street|road|avenue|\blies\b|\bsituated",
    ),
    # People.
    (
        r"老板|总经理|CEO|首席执行官|董事长|总裁|掌门人|当家|掌管|谁(?:在|来)?(?:管理|领导|执掌)"
        r"|[馆园站所]长(?:是谁|叫|姓)|谁是.{0,12}[馆园站所]长|who (?:runs|leads|heads|owns)"
        r"|who (?:is|was) (?:the|its|your) (?:[\w-]+ )?(?:manager|director|owner|head)\b|\bboss\b|chief executive|managing director|\bpresident\b",
        r"老板|总经理|CEO|首席执行|董事长|总裁|负责人|执掌|掌舵|当家|店主|主任|[院馆园站所校]长|经理|\bboss\b|director"
        r"|chief|chair(?:man|woman|person)?\b|president|\bmanager|\bruns\b|\brun by|\bleads\b|\bled by|\bheads\b|headed by|owner|head of",
    ),
    (
        r"创始人|创办|创立|办起来|创建|(?:公司|学校|企业|医院|诊所).{0,4}成立|哪一?年(?:成立|建|开)|什么时候(?:成立|建校|开业)|who (?:founded|started|set up|established)"
        r"|\bfounded\b|founder|\bgot\b.{2,50}\bstarted\b|\bestablished\b",
        r"创立|创办|成立|创建|创始|建于|建成|始建|建校|开办|办起|found(?:ed|er|ing)|establish|set up|started|\bopened|\bbuilt",
    ),
    (r"[镇市县区村]长|\bmayor\b", r"[镇市县区村]长|书记|\bmayor\b|council"),
    (r"校长|\bprincipal\b|head ?(?:teacher|master|mistress)", r"校长|principal|\bhead\b|head ?(?:teacher|master)"),
    (r"股东|投资人|投资方|shareholder|investor", r"股东|投资|控股|持股|share|invest|owned by"),
    (r"竞争对手|competitor", r"竞争|对手|compet|rival"),
    # Figures.
    (r"面积|多少(?:平方|平米|亩)|占地|square (?:met|feet|kilo)|(?:the|what) (?:floor )?area\b|how (?:large|big) is (?:the )?(?:town|site|campus|plant|building|shop|store)", r"面积|平方|平米|㎡|亩|公顷|占地|square|\bacres?\b|hectare|\bsq\b|\barea\b"),
    (r"人口|多少居民|住着多少|how many (?:people live|inhabitants|residents)|population|has \d+ (?:residents|inhabitants)", r"人口|居民|住户|\d+人|population|inhabitants|residents|people live"),
    (r"(?:多少|几个|几名|几位)(?:名|位|个)?(?:员工|职工|雇员)|员工(?:人数|数量|总数|有多少)|(?:how many|number of) (?:employees|staff|workers|people work)", r"员工|职工|雇员|人员|团队|employees|staff|workers|workforce|people work"),
    (r"营收|营业额|营业收入|销售额|revenues?\b|turnover|turned over|卖了\d", r"营收|营业|收入|销售|revenue|turnover|turned over|\bsales\b"),
    (r"利润|净利|盈利|赚了多少|\bprofits?\b|net income", r"利润|净利|盈利|赚|盈余|profit|net income|earnings"),
    (r"股价|股票代码|(?:什么时候|在哪里?|是否|有没有)上市|上市了吗|stock (?:price|exchange|symbol)|share price|\bipo\b|publicly (?:listed|traded)", r"股价|股票|上市|stock|\bshares?\b|listed|\bipo\b"),
    (r"海拔|elevation|altitude|above (?:the )?sea", r"海拔|above (?:the )?sea|altitude|elevation"),
    (r"(?<!退)工资|薪资|薪水|月薪|年薪|底薪|\bsalar(?:y|ies)\b|\bwages?\b|\bearns?\b", r"工资|薪|报酬|津贴|salar|wage|\bpay\b|paid|earn"),
    (r"排名|第几名|\brank(?:s|ed|ing)?\b", r"排名|名列|第.名|rank|place[ds]?\b"),
    (r"专利|\bpatents?\b", ""),
    (r"[拿获得]过?了?(?:什么|哪些|哪几个|几个|多少|过)?(?:什么|哪些)?奖|奖项|\bawards?\b|\bprizes?\b", r"奖|award|prize|honou?r|medal"),
    (r"口号|校训|校歌|slogan|motto|anthem", ""),
    (r"分公司|子公司|subsidiar", r"分公司|子公司|下属|旗下|subsidiar|branch"),
    # Things and what they are like.
    (r"保修|质保|warrant(?:y|ies)|guarantee", r"保修|质保|免费维修|三包|warrant|guarantee"),
    (r"wi-?fi|无线网", r"wi-?fi|无线网|上网|wireless|internet"),
    # What a house offers.
    (r"健身房|\bgyms?\b", r"健身|gym|fitness"),
    (r"游泳[池馆]|swimming pool", r"游泳|泳池|swim|pool"),
    (r"停车|车位|\bparking\b|\bpark (?:my|the|a) car", r"停车|车位|泊车|车辆|\bpark|\bcars?\b|garage"),
    (r"电梯|\b(?:lift|elevator)s?\b", ""),
    (r"素食|吃素|不吃肉|vegetarian|vegan", r"素|vegetarian|vegan|meat|plant"),
    (r"吸烟|抽烟|\bsmok(?:e|ing)\b|cigarette", r"烟|smok|cigarette"),
    (r"宠物|\bpets?\b", r"宠物|[猫狗犬]|动物|\bpets?\b|\bdogs?\b|\bcats?\b|animals?"),
    (r"会员|membership", r"会员|member|club"),
    (r"积分|loyalty points|\bpoints\b", r"积分|points"),
    (r"分期|花呗|instal?lments?|pay later", ""),
    (r"礼盒|礼品包装|gift.?wrap|gift box", r"礼盒|礼品|包装|gift|wrap"),
    (r"礼品卡|gift (?:card|voucher)", r"礼品卡|购物卡|储值卡|gift (?:card|voucher)|voucher"),
    (r"刻字|engrav", r"刻|engrav|personali[sz]"),
    (r"以旧换新|trade.?in", ""),
    (r"二手|second.?hand", r"二手|翻新|second.?hand|used|refurbish"),
    (r"发票|\binvoices?\b", r"发票|票据|invoice|receipt|\bbills?\b"),
    (r"自提|上门取|pick (?:it|them|my .{1,20}) up|click and collect|collect (?:it|them|my order)", r"自提|取货|自取|领取|上门|pick|collect"),
    (r"安装费?|\binstall(?:ation|ed)?\b|assembl", r"安装|组装|install|assembl|set up|fit"),
    (r"招聘|招人|实习|\b(?:jobs|vacanc(?:y|ies)|hiring|internships?)\b", r"招聘|应聘|招人|岗位|实习|职位|job|vacanc|hir|intern|career|trainee"),
    (r"直播|livestream", ""),
    (r"天气|气温|下雨|\bweather\b|forecast|\brain(?:ing)?\b", r"天气|气温|雨|weather|rain|storm|snow|forecast"),
    # School and clinic.
    (r"学费|\btuition\b|school fees?", r"学费|收费|tuition|\bfees?\b"),
    (r"奖学金|助学金|scholarships?|bursar(?:y|ies)", ""),
    (r"校服|\buniforms?\b", r"校服|制服|着装|uniform|dress"),
    (r"校车|school bus", r"校车|班车|接送|\bbus"),
    (r"宿舍|住校|住宿生|dorm(?:itor(?:y|ies))?s?\b|boarding", r"宿舍|住校|寄宿|住宿|寝室|dorm|board"),
    (r"副作用|不良反应|side effects?", r"副作用|不良反应|不适|side effect|adverse|may cause|可能(?:会)?(?:出现|引起)"),
    (r"剂量|吃几[片粒]|几[片粒]|用量|\bdos(?:e|es|age)\b|how many (?:tablets|pills)", r"剂量|[片粒]|毫克|\bmg\b|毫升|\bml\b|用量|dos(?:e|age)|tablet|pill|drops"),
    (r"孕妇|怀孕|哺乳|pregnan|breast.?feed", r"孕|妊娠|哺乳|产前|pregnan|breast|maternity|nursing"),
    (r"医保|医疗保险|报销比例|health insurance|\binsured?\b|\binsurance\b", r"医保|保险|报销|insur"),
    (r"疫苗|\bvaccin|\bflu shot", r"疫苗|接种|vaccin|immuni|\bshot\b|jab"),
    (r"牙科|看牙|洗牙|拔牙|牙医|补牙|dentist|\bdental\b|\bteeth\b|\btooth\b", r"牙|口腔|dent|tooth|teeth"),
    (r"核磁|\bmri\b|\bct\b|x光|x-?ray", r"核磁|磁共振|影像|放射|\bmri\b|\bct\b|x光|x-?ray|imaging|scan"),
    (r"急诊|\bemergency (?:room|department)\b", r"急诊|急救|emergency"),
    # The same in other words: never enough to decline.
    (r"退货|退掉|退换|退吗|能退|return|send(?: .{1,20})? back", r"退|return|refund|send(?: .{1,20})? back", False),
    (r"退款|退钱|钱要回|钱.{0,8}退|退.{0,4}钱|refund|money back", r"退款|退回|退还|原路|refund|money back|reimburs", False),
    (r"发货|配送|送货|送达|到货|能到|多久到|快递|deliver|\bship|arrive", r"发货|配送|送|运|到货|快递|deliver|ship|dispatch|arrive|courier|sent", False),
    (r"运费|邮费|包邮|shipping (?:cost|fee)|postage|delivery (?:cost|fee|charge)", r"运费|邮费|包邮|邮寄费|shipping|postage|deliver", False),
    (r"旅馆|住宿|宾馆|酒店|hotel|lodging|accommodation|stay overnight", "", False),
    (r"辞职|离职|不干了|\bquit\b|resign", r"辞职|离职|解除|quit|resign|notice|leav", False),
    (r"休假|年假|放假|请假|没休完|休息多久|holidays?|vacation|annual leave|time off|days? off", r"休假|年假|放假|请假|休息|带薪|陪护假|假期|holiday|vacation|leave|time off|days? off|absen", False),
    (r"修理|维修|坏了|修好|repair|broken|\bfix", r"修|坏|质量|故障|repair|broken|fix|defect|damage|fault", False),
    (r"洗手间|厕所|卫生间|toilet|restroom|bathroom|\bwc\b", "", False),
    (r"迟到|晚到|还晚|晚还|晚了|逾期|\blate\b", r"迟到|晚到|逾期|超过|late\b|delay|after", False),
    (r"旷课|缺课|不来上课|absent|miss(?:es|ed)? (?:a )?(?:class|school|lesson)", r"旷课|缺课|缺勤|请假|absen|miss", False),
    (r"挂号|预约|appointment|\bbook", r"挂号|预约|预订|appointment|book|reserv|schedul", False),
    (r"付款|支付|怎么付|\bpay(?:ment|ing)?\b", r"付|支付|缴|银行卡|信用卡|现金|pay|card|cash", False),
    (r"取消|cancel", r"取消|撤销|退订|cancel|call off", False),
    (r"丢了|遗失|不见了|挂失|\blost\b|\blose\b", r"丢|遗失|失|挂失|补办|lost|lose|missing|replace|\bnew\b", False),
    (r"提前|in advance|early|beforehand", r"提前|预先|in advance|ahead|before|early|notice", False),
    (r"带什么|要带|bring|take with", r"带|携|持|bring|carry|take", False),
    (r"放学|下课|finish|\bends?\b", r"放学|下课|结束|finish|\bends?\b|\bover\b", False),
    (r"(?:交|缴|收|付|花|要)(?:费|钱)|免费|\bfree\b|\bcosts? (?:anything|money)", r"费|元|块|钱|\bfree\b|\bfees?\b|\bcosts?\b|charge|\bpa(?:y|id)\b"),
    (r"孩子|小孩|宝宝|娃|child|\bkids?\b", r"孩子|小孩|子女|儿童|婴|幼儿|未成年|child|\bkids?\b|infant|minors?\b", False),
    (r"看医生|去医院|就医|就诊|\bdoctor\b|\bhospital\b", r"看医生|医院|就医|就诊|急诊|\bdoctor|\bhospital|emergency", False),
    (r"开门|营业|上班时间|opening|\bopen\b|\bclose", r"营业|开放|开门|时间|open|close|hours", False),
)  # fmt: skip

ATTRIBUTES = (
    *(Attribute(*each) for each in _EACH),
    *(Attribute(*each, own=True) for each in (*PROPERTIES, *rows())),
)


def attributes_of(question: str) -> list[Attribute]:
    """Those that a folded ``question`` asks for."""
    return [attribute for attribute in ATTRIBUTES if attribute.question.search(question)]
