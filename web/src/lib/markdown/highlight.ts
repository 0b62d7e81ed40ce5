import type { HLJSApi, LanguageFn } from 'highlight.js';

type Loader = () => Promise<{ default: LanguageFn }>;

const LANGUAGES: Record<string, Loader> = {
  bash: () => import('highlight.js/lib/languages/bash'),
  c: () => import('highlight.js/lib/languages/c'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  csharp: () => import('highlight.js/lib/languages/csharp'),
  css: () => import('highlight.js/lib/languages/css'),
  diff: () => import('highlight.js/lib/languages/diff'),
  dockerfile: () => import('highlight.js/lib/languages/dockerfile'),
  go: () => import('highlight.js/lib/languages/go'),
  ini: () => import('highlight.js/lib/languages/ini'),
  java: () => import('highlight.js/lib/languages/java'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  json: () => import('highlight.js/lib/languages/json'),
  kotlin: () => import('highlight.js/lib/languages/kotlin'),
  lua: () => import('highlight.js/lib/languages/lua'),
  makefile: () => import('highlight.js/lib/languages/makefile'),
  markdown: () => import('highlight.js/lib/languages/markdown'),
  matlab: () => import('highlight.js/lib/languages/matlab'),
  php: () => import('highlight.js/lib/languages/php'),
  powershell: () => import('highlight.js/lib/languages/powershell'),
  python: () => import('highlight.js/lib/languages/python'),
  r: () => import('highlight.js/lib/languages/r'),
  ruby: () => import('highlight.js/lib/languages/ruby'),
  rust: () => import('highlight.js/lib/languages/rust'),
  scala: () => import('highlight.js/lib/languages/scala'),
  sql: () => import('highlight.js/lib/languages/sql'),
  swift: () => import('highlight.js/lib/languages/swift'),
  typescript: () => import('highlight.js/lib/languages/typescript'),
  xml: () => import('highlight.js/lib/languages/xml'),
  yaml: () => import('highlight.js/lib/languages/yaml'),
};

const ALIASES: Record<string, string> = {
  'c++': 'cpp', 'c#': 'csharp', cs: 'csharp', docker: 'dockerfile', golang: 'go', h: 'c', hpp: 'cpp', html: 'xml',
  js: 'javascript', jsx: 'javascript', kt: 'kotlin', make: 'makefile', md: 'markdown', ps1: 'powershell', py: 'python',
  python3: 'python', rb: 'ruby', rs: 'rust', sh: 'bash', shell: 'bash', console: 'bash', zsh: 'bash', svg: 'xml',
  toml: 'ini', ts: 'typescript', tsx: 'typescript', vue: 'xml', yml: 'yaml',
};

/** Longer code than this stays plain: colouring it would hold up the page. */
const LONGEST = 60_000;

let core: Promise<HLJSApi> | null = null;

/** The code as HTML with highlight.js classes, or null where the language is not known. */
export async function highlight(code: string, language: string): Promise<string | null> {
  const asked = language.toLowerCase();
  const name = ALIASES[asked] ?? asked;
  const loader = LANGUAGES[name];
  if (!loader || code.length > LONGEST) return null;
  core ??= import('highlight.js/lib/core').then((module) => module.default);
  const [hljs, grammar] = await Promise.all([core, loader()]);
  if (!hljs.getLanguage(name)) hljs.registerLanguage(name, grammar.default);
  return hljs.highlight(code, { language: name, ignoreIllegals: true }).value;
}
