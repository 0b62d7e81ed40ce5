import { Marked, type Tokens, type TokenizerAndRendererExtension } from 'marked';
import { ALLOWED_TAGS } from './allowed';

/** Markdown inside one block: paragraphs, headings, tables and quotes, to HTML (not yet sanitised). */

export type Links = Record<string, { href: string | null; title: string | null }>;

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ESCAPES[c] ?? c);
}

const SAFE_LINK = /^(?:https?:|mailto:)/i;
const CJK_STOP = '\\s<>"`，。；：！？、（）《》〈〉「」『』【】“”‘’…—\\u3000-\\u30ff\\u3400-\\u9fff\\uff00-\\uffef';
const BARE_URL = new RegExp(`^https?://[^${CJK_STOP}]+`);
const MATH_START = /\$|\\\(|\\\[/;
const MATH_INLINE = [
  /^\$\$((?:\\.|[^\\$])+?)\$\$/,
  /^\$(?![\s$])((?:\\.|[^\\$\n])+?)(?<!\s)\$(?!\d)/,
  /^\\\(([\s\S]+?)\\\)/,
  /^\\\[([\s\S]+?)\\\]/,
];
const CJK_STRONG = /^\*\*(?=[^\s*])((?:(?!\*\*)[^\n])*[^\s*])\*\*(?!\*)/;
const EDGE_PUNCTUATION = /^[\p{P}\p{S}]|[\p{P}\p{S}]$/u;

/** `$…$`, `\(…\)` and the like become a place that `math.ts` fills in. */
const math: TokenizerAndRendererExtension = {
  name: 'math',
  level: 'inline',
  start: (source) => source.search(MATH_START),
  tokenizer(source) {
    for (const [index, rule] of MATH_INLINE.entries()) {
      const found = rule.exec(source);
      if (found) return { type: 'math', raw: found[0], text: found[1] ?? '', display: index % 3 === 0 };
    }
    return undefined;
  },
  renderer(token) {
    const tex = escapeHtml(String(token.text).trim());
    const display = token.display ? ' display" tabindex="0' : '';
    return `<span class="math${display}" data-tex="${tex}">${tex}</span>`;
  },
};

/** `**“词”**字`: CommonMark refuses emphasis whose edge is punctuation next to a letter; Chinese needs it. */
const cjkStrong: TokenizerAndRendererExtension = {
  name: 'strong',
  level: 'inline',
  start: (source) => source.indexOf('**'),
  tokenizer(source) {
    const found = CJK_STRONG.exec(source);
    const text = found?.[1];
    if (!found || !text || !EDGE_PUNCTUATION.test(text)) return undefined;
    return { type: 'strong', raw: found[0], text, tokens: this.lexer.inlineTokens(text) };
  },
};

const TAGS = new Set(ALLOWED_TAGS);

/**
 * Unknown tags become visible text, handlers and styles go. The sanitiser would drop them all, but a
 * browser reports what it sees while parsing, and a reader should see `<div>` where a model wrote it.
 */
function withoutForeignTags(html: string): string {
  return html
    .replace(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replace(/<(\/?)([a-z][\w:-]*)?/gi, (whole, slash: string, name: string | undefined) =>
      name && TAGS.has(name.toLowerCase()) ? whole : `&lt;${slash}${name ?? ''}`,
    )
    .replace(/[\s/"'](?:style|on\w+)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi, '');
}

const engine = new Marked({
  gfm: true,
  breaks: true,
  extensions: [math, cjkStrong],
  tokenizer: {
    url(source): Tokens.Link | false {
      const raw = BARE_URL.exec(source)?.[0].replace(/[.,;:!?)\]*_~]+$/, '');
      if (!raw) return false;
      return { type: 'link', raw, text: raw, href: raw, tokens: [{ type: 'text', raw, text: raw, escaped: false }] };
    },
  },
  renderer: {
    heading({ tokens, depth }) {
      const tag = `h${Math.min(6, depth + 2)}`;
      return `<${tag} class="level-${depth}">${this.parser.parseInline(tokens)}</${tag}>`;
    },
    em({ tokens }) {
      const text = this.parser.parseInline(tokens);
      return /[\u3400-\u9fff]/.test(text) ? `<em class="cjk">${text}</em>` : `<em>${text}</em>`;
    },
    link({ href, title, tokens }) {
      const text = this.parser.parseInline(tokens);
      if (!SAFE_LINK.test(href)) return text;
      const hint = title ? ` title="${escapeHtml(title)}"` : '';
      return `<a href="${escapeHtml(href)}"${hint} target="_blank" rel="noopener noreferrer nofollow">${text}</a>`;
    },
    image({ href, text }) {
      const label = escapeHtml(text || href);
      if (!SAFE_LINK.test(href)) return label;
      return `<a class="image-link" href="${escapeHtml(href)}" target="_blank" rel="noopener noreferrer nofollow">${label}</a>`;
    },
    table(token) {
      const head = token.header.map((cell) => this.tablecell(cell)).join('');
      const rows = token.rows.map((row) => `<tr>${row.map((cell) => this.tablecell(cell)).join('')}</tr>`).join('');
      return `<div class="table" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
    },
    html({ text }) {
      return withoutForeignTags(text);
    },
  },
});

/** HTML of one block; link definitions found in it are added to `links`, known ones are used. */
export function renderFlow(source: string, links: Links): string {
  const lexer = new engine.Lexer(engine.defaults);
  Object.assign(lexer.tokens.links, links);
  const tokens = lexer.lex(source);
  Object.assign(links, tokens.links);
  return engine.Parser.parse(tokens, engine.defaults);
}
