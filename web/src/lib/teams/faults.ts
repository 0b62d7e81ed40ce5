import { t } from '../i18n';
import { inLanguage, type Phrases } from '../phrases';

/** What is wrong with a team's file, in Chinese; the server says it in English. Names and keys stay as they are. */
const CHINESE: Phrases = [
  [/there is no such key, /, '没有这个键，'],
  [/there is no role '([^']*)', /, '没有叫「$1」的角色，'],
  [/there is no entry '([^']*)', /, '没有叫「$1」的条目，'],
  [/there is no tool '([^']*)', /, '没有叫「$1」的工具，'],
  [/did you mean '([^']*)'\?$/, '是不是「$1」？'],
  [/there are (.+)$/, '可以用的有 $1'],
  [/remove it$/, '请删去'],
  [/: is missing$/, '：缺少'],
  [/must be a table of keys and values/, '要写成键和值'],
  [/^a team is a table of keys and values$/, '团队的文件要写成键和值'],
  [/must be greater than or equal to (\S+?)(, is|$)/, '最小是 $1$2'],
  [/must be less than or equal to (\S+?)(, is|$)/, '最大是 $1$2'],
  [/must be greater than (\S+?)(, is|$)/, '要大于 $1$2'],
  [/must be less than (\S+?)(, is|$)/, '要小于 $1$2'],
  [/must be a valid (?:integer|number)/, '要是数字'],
  [/must be a valid string/, '要是文字'],
  [/must be a valid boolean/, '要是 true 或 false'],
  [/must be a valid (?:list|tuple)/, '要是列表'],
  [/must be one of role, parallel and repeat$/, '要写 role、parallel、repeat 中的一个'],
  [/must be (1|'[^,]+)(, is|$)/, '只能是 $1$2'],
  [/, is (.+)$/, '，现在是 $1'],
  [/needs one at least$/, '至少要有一个'],
  [/repeat and until go together$/, 'repeat 和 until 要一起写'],
  [/'([^']*)' is no name: small letters, digits and -$/, '「$1」不能作名称：只用小写字母、数字和 -'],
  [/'([^']*)' is no name of an entry$/, '「$1」不能作条目的名称'],
  [/^roles\.(\S+): is never reached, no step is its turn$/, '角色「$1」轮不到：没有哪一步是它'],
  [/^(\S+) is never reached: it is turn (\d+), limits\.turns is (\d+)$/, '轮不到「$1」：它是第 $2 轮，而 limits.turns 是 $3'],
  [/^(\S+) needs '([^']*)' before it is written/, '「$1」要用「$2」，而那时还没有写出来'],
  [/, a cycle: (.+)$/, '，绕成了圈：$1'],
  [/^(\S+) needs '([^']*)', which is written at the same time$/, '「$1」要用「$2」，而两者同时写'],
  [/^writes '([^']*)', which is given: name another entry$/, '写的「$1」是所给的内容：请换一个条目'],
  [/^parallel needs two different roles at least$/, 'parallel 至少要两个不同的角色'],
  [/^two roles of one moment write the same entry$/, '同时发言的两个角色写了同一个条目'],
  [/^until: '([^']*)' is no critic of this loop: it must judge an entry in it$/, 'until：「$1」不是这个循环里的评审，评审要有 judges'],
  [/(\S+, .+ and mends) are for a role that 'judges' an entry$/, '$1 只给评审（写了 judges 的角色）用'],
  [/tools and an output of JSON cannot go together$/, 'tools 和 JSON 的 output 不能一起用'],
  [/needs 'does', or 'judges'$/, '要有 does，或者 judges'],
  [/tools and output are for a role that writes, not for one that judges$/, 'tools 和 output 给写的角色用，不给评审用'],
  [/mends needs 'against', 'covers' or 'arithmetic'$/, 'mends 要配 against、covers 或 arithmetic'],
  [/judges by nothing: give does, against, arithmetic or checks$/, '没有评判的依据：请写 does、against、arithmetic 或 checks'],
  [/^the key '([^']*)' stands twice in one table$/, '键「$1」写了两次'],
  [/^this is not YAML: /, '不是 YAML：'],
  [/not a JSON Schema: /, '不是 JSON Schema：'],
  [/^([\w.-]+): (?=[\u4e00-\u9fff「])/, '$1：'],
];

/** What is wrong in a line, in the language of the page as far as it is known. */
export const faultTold = (what: string): string => inLanguage(what, CHINESE);

/** Why a file is no team, each fault in a line of its own. */
export function problemTold(problem: string): string {
  const parts = problem.split('; ').map((one) => /^line (\d+): (.+)$/su.exec(one) ?? [one, '', one]);
  return parts.map(([, line, what = '']) => (line ? `${t('teams.line', { number: line })} ` : '') + faultTold(what)).join('\n');
}
