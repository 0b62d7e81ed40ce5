import { inLanguage, type Phrases } from '../phrases';

/** What the steps of an answer say, in Chinese; the server says it in English. Names stay as they are. */
const CHINESE: Phrases = [
  [/^nothing to say against it$/, '没有问题'],
  [/^something was found(?:, it goes on)?$/, '发现了一些内容，不影响继续'],
  [/^personal data is masked$/, '个人信息已遮盖'],
  [/^personal data that nobody gave is masked$/, '没有人提供过的个人信息已遮盖'],
  [/^refused: the model is not asked$/, '拒绝回答，没有询问模型'],
  [/^ended: it came to a topic that is not talked about$/, '谈到了不谈的话题，到此为止'],
  [/^stands alone$/, '问题本身就完整'],
  [/^read with the question before it$/, '和前一个问题合起来理解'],
  [/^small talk, which needs no sources$/, '闲聊，不需要资料'],
  [/^answered from the memory, without the model$/, '凭记忆回答，没有询问模型'],
  [/^(\d+) facts about the user$/, '$1 条关于用户的事'],
  [/^a collection is gone$/, '有一个文件集已不在'],
  [/^(\d+) passages of (\d+) documents(?:, (\d+) of them made harmless)?$/, '$2 篇文档中的 $1 段'],
  [/^(\d+) relations of (\d+) places$/, '$2 处资料中的 $1 条关系'],
  [/^no rule can be decided$/, '没有可以判断的规则'],
  [/^(\d+) rules decided: (.+)$/, '判断了 $1 条规则：$2'],
  [/^the question with (\d+) sources before it$/, '问题前面放了 $1 段资料'],
  [/^(\d+) tokens written$/, '写了 $1 个词元'],
  [/^(\d+) tokens read, (\d+) of them from the cache, (\d+) written$/, '读入 $1 个词元（缓存 $2 个），写出 $3 个'],
  [/^(\d+) sentences supported, (\d+) not, (\d+) say nothing to check$/, '$1 句有依据，$2 句没有，$3 句无须核对'],
  [/^the sources bear every sentence/, '每一句都有资料依据'],
  [/^the sources bear what is shown/, '显示的内容都有资料依据'],
  [/^the sources are quoted in the place of the answer/, '直接引用了资料'],
  [/^the sources do not answer, so this is said instead/, '资料没有答案，改说这一句'],
  [/^the guard ended the answer/, '安全检查中止了回答'],
  [/; (\d+) sentences left out$/, '；略去 $1 句'],
  [/^nothing relevant was found: said so without asking the model$/, '没有找到相关资料，没有询问模型'],
  [/^what is shown under the answer$/, '回答下面的说明'],
  [/: answered$/, '：已回答'],
];

/** `said` in the language of the page, as far as it is known. */
export const translated = (said: string): string => inLanguage(said, CHINESE);
