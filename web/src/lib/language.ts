/** What a language calls itself. */
export function languageName(code: string): string {
  return { zh: '中文', en: 'English' }[code] ?? code;
}

/** The language a text is mostly in, for fonts, line breaking and screen readers. */
export function languageOf(text: string): 'zh-CN' | 'en' {
  const start = text.slice(0, 400);
  const han = start.match(/[\u3400-\u9fff]/g)?.length ?? 0;
  return han * 8 > start.length ? 'zh-CN' : 'en';
}
