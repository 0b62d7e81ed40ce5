import { Marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { sanitise } from './sanitise';
import { MarkdownStream, type Block } from './stream';

const SAMPLE = `# 时间管理

先列出**“最重要”**的事，再看 [方法](https://example.com/a)。
第二行

| 方法 | 用时 |
|---|---:|
| 番茄钟 | 25 |
| 四象限 | 5 |

1. 第一步
   - 子项 \`code\`
   - 子项二

   续段
2. 第二步
3. 第三步

- [x] 完成
- [ ] 未完成

\`\`\`python
def f(x):

    return "*not bold*"
\`\`\`

> 引用一
> 引用二

质能方程 $E = mc^2$ 与

$$
\\int_0^1 x\\,dx = \\frac12
$$

---

Setext
======

见 [定义][d] 。

[d]: https://example.com/d
`;

const full = (text: string): Block[] => new MarkdownStream(sanitise).update(text, true);

function incremental(text: string, size: number, clean = sanitise): { blocks: Block[]; stream: MarkdownStream } {
  const stream = new MarkdownStream(clean);
  for (let end = size; end < text.length; end += size) stream.update(text.slice(0, end), false);
  return { blocks: stream.update(text, true), stream };
}

function html(blocks: Block[]): string {
  return blocks
    .map((b) => {
      if (b.kind === 'flow') return b.html;
      if (b.kind === 'code') return `<pre><code class="language-${b.language}">${b.text}\n</code></pre>`;
      if (b.kind === 'math') return `<math>${b.tex}</math>`;
      const tag = b.ordered ? 'ol' : 'ul';
      const box = (task: boolean | null): string =>
        task === null ? '' : `<input${task ? ' checked=""' : ''} disabled="" type="checkbox"> `;
      return `<${tag}>${b.items.map((i) => `<li>${box(i.task)}${html(i.blocks)}</li>`).join('')}</${tag}>`;
    })
    .join('');
}

const bare = (text: string): string =>
  text.replace(/<\/?p>|\s+|<div class="table"( tabindex="0")?>|<\/div>/g, '').replace(/<(\/?)h\d[^>]*>/g, '<$1h>');

describe('growing Markdown', () => {
  it.each([1, 2, 3, 7, 50])('ends as the whole text would, in pieces of %i', (size) => {
    expect(incremental(SAMPLE, size).blocks).toEqual(full(SAMPLE));
  });

  it('agrees with a plain CommonMark rendering', () => {
    const text = SAMPLE.replaceAll('$', '').replace('\\frac12', 'x').replace('**“最重要”**', '**最重要**');
    const plain = new Marked({ breaks: true, gfm: true }).parse(text, { async: false });
    expect(bare(html(full(text)))).toBe(bare(sanitise(plain.replace(/<(\/?)h\d>/g, '<$1h3>'))));
  });

  it('hands out finished blocks unchanged', () => {
    const stream = new MarkdownStream(sanitise);
    const first = stream.update('one\n\ntwo\n\nthr', false);
    const later = stream.update('one\n\ntwo\n\nthree\n\nfour', false);
    expect(later[0]).toBe(first[0]);
    expect(later[1]).toBe(first[1]);
  });

  it('hands out finished list items unchanged', () => {
    const items = (blocks: Block[]) => (blocks[0]?.kind === 'list' ? blocks[0].items : []);
    const stream = new MarkdownStream(sanitise);
    const first = items(stream.update('- a\n- b\n- c', false));
    const later = items(stream.update('- a\n- b\n- cc\n- d', false));
    expect(later).toHaveLength(4);
    expect(later[0]).toBe(first[0]);
    expect(later[1]).toBe(first[1]);
  });

  it.each([
    ['paragraphs', (n: number) => '一段普通的文字，写了几句话。\n\n'.repeat(n)],
    ['list items', (n: number) => '- 一段普通的文字，写了几句话。\n'.repeat(n)],
    ['one paragraph', (n: number) => '一段普通的文字，写了几句话。'.repeat(n)],
    ['code', (n: number) => `\`\`\`\n${'一段普通的文字，写了几句话。\n'.repeat(n)}`],
    ['table rows', (n: number) => `| a | b |\n|---|---|\n${'| 普通 | 文字 |\n'.repeat(n)}`],
  ])('parses a number of characters linear in the text: %s', (_, make) => {
    const cost = (n: number): number => incremental(make(n), 4, (raw) => raw).stream.parsed;
    expect(cost(1600)).toBeLessThan(2.6 * cost(800) + 1);
  });

  it('starts over when the text is another one', () => {
    const stream = new MarkdownStream(sanitise);
    stream.update('one\n\ntwo', false);
    expect(stream.update('three', true)).toEqual(full('three'));
  });
});

describe('text in the making', () => {
  const shown = (text: string): string => html(new MarkdownStream(sanitise).update(text, false));

  it('closes emphasis that is still open', () => {
    expect(shown('这是**重')).toBe('<p>这是<strong>重</strong></p>\n');
    expect(shown('call `f')).toBe('<p>call <code>f</code></p>\n');
  });
  it('does not show half a table head, a lone mark or a closing fence', () => {
    expect(shown('| a | b |')).toBe('');
    expect(shown('| a | b |\n|--')).toBe('');
    expect(shown('text\n\n-')).toBe('<p>text</p>\n');
    expect(shown('text\n--')).toBe('<p>text</p>\n');
    expect(shown('```py\nx\n``')).toBe('<pre><code class="language-py">x\n</code></pre>');
  });
});

describe('Chinese text', () => {
  const render = (text: string): string => html(full(text)).trim();

  it('takes emphasis that ends with punctuation', () => {
    expect(render('**重点：**内容**“词”**字')).toBe(
      '<p><strong>重点：</strong>内容<strong>“词”</strong>字</p>',
    );
  });
  it('ends a bare address before Chinese punctuation', () => {
    expect(render('见https://example.com/a。下文')).toContain('>https://example.com/a</a>。下文');
  });
});

describe('what a model may not do', () => {
  const render = (text: string): string => html(full(text));

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    '[x](javascript:alert(1))',
    '[x](data:text/html,1)',
    '<iframe src="https://example.com"></iframe>',
    '<svg><style>@import "https://example.com"</style></svg>',
    '<p style="background:url(https://example.com/x)">x</p>',
    '<b onclick=alert(1)>x</b><b/onclick=alert(1)>y</b>',
    '<form action="https://example.com"><input name=q></form>',
  ])('run or load anything: %s', (text) => {
    const place = document.createElement('div');
    place.innerHTML = render(text);
    const refused = 'script, img, iframe, style, form, svg, input, [style], [onerror], [onclick], [name], [href^="javascript"], [href^="data"]';
    expect([...place.querySelectorAll(refused)].map((e) => e.outerHTML)).toEqual([]);
  });
  it('hide a tag it wrote about', () => {
    expect(render('use <main> or <think>')).toBe('<p>use &lt;main&gt; or &lt;think&gt;</p>\n');
    expect(render('a<br>b <kbd>Esc</kbd>')).toBe('<p>a<br>b <kbd>Esc</kbd></p>\n');
  });
  it('show a remote image other than as a link', () => {
    const out = render('![图](https://evil.example/p.png?secret)');
    expect(out).not.toContain('<img');
    expect(out).toContain('href="https://evil.example/p.png?secret"');
  });
});

describe('mathematics', () => {
  it('is found in every notation and not in prices', () => {
    const out = html(full('$a_1$ 和 \\(b\\)，it costs $5 and $6.'));
    expect(out.match(/data-tex/g)).toHaveLength(2);
    expect(full('$$x$$\n\n\\[\ny\n\\]').map((b) => b.kind)).toEqual(['math', 'math']);
  });
});
