"""What a thing or a person is like, and how a text tells it of them.

Each by the ways in which it is asked for and those in which a text bears it. It has to be told of
the thing itself: that another one is made of oak says nothing of it.
"""

from __future__ import annotations

PROPERTIES = (
    # Persons.
    (r"妻子是|丈夫是|老婆|老公|结婚了|\b(?:wife|husband|spouse)\b.*\?|is .{2,30} married", r"妻|丈夫|夫人|配偶|结婚|已婚|wife|husband|spouse|married"),
    (r"(?<!开)多大(?:年纪|岁数)|年龄(?:多|是)|几岁了|how old (?:is|was|are)", r"岁|年龄|出生|生于|\bage|years? old|\bborn"),
    (r"毕业于|哪所(?:大学|学校)毕业|什么学历|学历是|where did .{2,40} (?:study|graduate)|what degree", r"毕业|学历|学位|博士|硕士|本科|graduat|degree|studied|ph\.?d|university"),
    (r"生日|出生(?:于|在|日期|年)|birthday|(?:when|where) was .{2,40} born", r"生日|出生|生于|birthday|\bborn"),
    # Things.
    (r"颜色|什么色|几种色|哪些色|\bcolou?rs?\b", r"颜色|[红黄蓝绿黑白灰紫粉棕橙银金青]色|配色|色号|colou?r|\b(?:red|blue|green|black|white|gr[ae]y|yellow|brown|pink|silver|gold)\b"),
    (r"尺寸|多宽|多厚|dimensions|how (?:wide|tall|thick|deep)\b", r"尺寸|规格|厘米|毫米|英寸|\d\s?米|\d\s?(?:cm|mm|m|inch(?:es)?|ft)\b|尺码|size|dimension|wide|tall|high"),
    (r"多重|重量|重多少|有多沉|\bweigh|\bweight\b(?! (?:will|can|do|loss))|how heavy", r"重|公斤|千克|克|吨|斤|\d\s?k?g\b|weigh|pounds?|\btons?\b|kilo"),
    (r"材质|什么(?:材料|做的|布料|面料|木头)|made (?:of|from|out of)|what (?:material|wood|fabric)", r"材质|材料|制成|面料|棉|木|塑料|钢|皮|铝|玻璃|陶|瓷|亚麻|羊毛|made (?:of|from)|cotton|linen|wood|oak|pine|beech|birch|larch|bamboo|silk|iron|steel|plastic|leather|material|wool|glass|ceramic|china|alumin"),
    (r"产地|哪里(?:生产|产的|制造|做的)|哪国(?:产|货)|where (?:is|are|was|were) .{2,40} (?:made|produced|manufactured)|country of origin", r"产地|产自|生产|制造|原产|[国省市]产|made in|produced|manufactur|origin|from [a-z]"),
    (r"厂家|谁(?:家)?(?:生产|制造)|哪[家个]?(?:公司|厂|工厂|品牌).{0,3}(?:生产|制造|做|代工)|生产商|(?:who|which \w+) (?:makes|made|manufactures|produces)|manufacturer", r"厂|生产|制造|出品|产自|makes|made (?:by|in)|manufactur|produced"),
    (r"什么牌子|哪个牌子|什么品牌|哪个品牌|\b(?:what|which) (?:brand|make)\b", r"牌|品牌|brand|\bby [a-z]"),
    (r"电池|续航|充一次电|\bbatter(?:y|ies)\b", r"电池|续航|充电|毫安|battery|charge"),
    (r"防水|waterproof|water.?resistant", r"防水|IP[X\d]\d|淋雨|waterproof|water.?resist|splash"),
    (r"内存|存储空间|\bstorage (?:space|capacity)\b|\bram\b", r"内存|存储|[GT]B\b|storage|memory"),
    (r"功率|多少瓦|几瓦|耗电|费电|\bwatts?\b|wattage|power consumption", r"\d\s?(?:k?w|瓦|千瓦)\b|瓦|功率|耗电|watt|kwh"),
    (r"噪音|多大声|吵不吵|[很会]吵吗|分贝|how (?:loud|noisy)|\bnoisy\b|decibel", r"噪|分贝|静音|安静|\bdb\b|nois|quiet|loud|silent"),
    (r"(?<!体)温度(?:是|有|多)|[是有]多少度|几度|what temperature|how (?:hot|warm|cold) (?:is|are|does|do)\b|temperature (?:of|in|is)", r"\d\s*(?:度|℃|°)|温度|degree|temperature"),
    (r"容量|容纳|[坐住装](?:得?下)?(?:多少|几)|capacity|how many\b[^?]{1,40}\bfit\b|how much .{0,30}\bhold\b", r"容量|容纳|承重|\d\s*(?:升|毫升|座|个座)|最多\s*\d+\s*人|capacity|carr(?:y|ies)|holds?\b|seats?\b|lit(?:re|er)|\d\s?(?:ml|l|kg)\b"),
    (r"时速|速度(?:是|有|多)|最快能|how fast (?:is|are|can|does the|do the)|top speed", r"时速|速度|公里|转速|最快|km|mph|speed|fast|[天日时]|days?|hours?|minutes?"),
    (r"热量|卡路里|大卡|含糖|配料|成分|营养|calori|ingredients?|nutrition", r"热量|卡路里|大卡|糖|配料|成分|含|营养|calori|kcal|ingredient|contain|made (?:of|from|with)|\d\s?%"),
    (r"甲醛|有毒|毒性|致癌|\btoxic|formaldehyde|\bbpa\b", r"甲醛|毒|致癌|无害|toxic|formaldehyde|\bbpa\b|harmless|food.?safe"),
    (r"使用寿命|寿命(?:多|有|是)|life ?span|service life", r"寿命|年限|能用|可用|life|lasts?\b"),
    (r"(?:手机|app)[^，。?]{0,4}(?:控制|操作|遥控)|智能家居|(?:control\w*|operat\w*)\b[^?]{0,40}\b(?:app|phone)\b", r"\bapp\b|蓝牙|(?:手机|远程)[^。]{0,6}(?:控制|操作|连接)|bluetooth|smart|remote"),
)  # fmt: skip
