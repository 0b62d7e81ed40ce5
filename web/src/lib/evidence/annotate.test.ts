import { expect, test } from 'vitest';
import type { Citation, Claim } from '../api/types';
import { align, unitsOf } from './align';
import { annotate } from './annotate';

function citation(number: number): Citation {
  return {
    number, passage_id: number, document: 10 + number, collection: 'main', source: '/docs/returns.md', title: 'Returns',
    headings: [], page: null, row: null, start: 5, end: 50, text: '', cited: true,
  };
}

function claim(content: string, sentence: string, verdict: Claim['verdict'] = 'unsupported'): Claim {
  const start = [...content.slice(0, content.indexOf(sentence))].length;
  return { start, end: start + [...sentence].length, numbers: [1], verdict, missing: [] };
}

function shown(html: string, content: string, claims: Claim[] = [], numbers = [1, 2]): { place: HTMLElement; undo: () => void } {
  const place = document.createElement('div');
  place.innerHTML = html;
  const reason = (index: number): string => `reason-${index}`;
  const label = (one: Citation): string => `source ${one.number}`;
  return { place, undo: annotate(place, { content, citations: numbers.map(citation), claims, label, reason }) };
}

test('numbers of sources become links', () => {
  const { place } = shown('<p>退货期 7 天[1]，运费自理 [1, 2]。见[9]。</p>', '退货期 7 天[1]，运费自理 [1, 2]。见[9]。');
  const links = [...place.querySelectorAll('a.cite')];
  expect(links.map((link) => link.textContent)).toEqual(['1', '1', '2']);
  expect(links[0]?.getAttribute('href')).toBe('#/knowledge/document/11?at=5-50');
  expect(links[2]?.getAttribute('aria-label')).toBe('source 2');
  expect(place.textContent).toContain('见[9]。');
});

test('code, formulas and links are left alone', () => {
  const html = '<p><code>a[1]</code> <a href="https://x">[1]</a></p><figure><pre>b[1]</pre></figure>';
  expect(shown(html, 'x').place.querySelectorAll('.cite')).toHaveLength(0);
});

test('an unsupported sentence is underlined, over marks and after characters beyond the first plane', () => {
  const content = '你好😀。**十四天内**可以退货[1]。好。';
  const html = '<p>你好😀。<strong>十四天内</strong>可以退货[1]。好。</p>';
  const { place } = shown(html, content, [claim(content, '**十四天内**可以退货[1]。')]);
  const marks = [...place.querySelectorAll('mark.unsupported')];
  expect(marks.map((mark) => mark.textContent).join('')).toBe('十四天内可以退货1。');
  expect(marks.filter((mark) => mark.hasAttribute('tabindex'))).toHaveLength(1);
  expect(marks[0]?.getAttribute('aria-describedby')).toBe('reason-0');
  expect(place.querySelectorAll('mark a.cite')).toHaveLength(1);
});

test('what is supported or not cited is not underlined', () => {
  const content = 'One. Two.';
  const claims = [claim(content, 'One.', 'supported'), claim(content, 'Two.', 'uncited')];
  expect(shown('<p>One. Two.</p>', content, claims).place.querySelector('mark')).toBeNull();
});

test('sentences beside each other and over paragraphs', () => {
  const content = 'First [1]. Second [2].\n\n- third\n- fourth';
  const html = '<p>First [1]. Second [2].</p><ul><li>third</li><li>fourth</li></ul>';
  const { place } = shown(html, content, [claim(content, 'First [1].'), claim(content, 'Second [2].\n\n- third')]);
  const marks = [...place.querySelectorAll('mark')].map((mark) => `${mark.getAttribute('aria-describedby')} ${mark.textContent}`);
  expect(marks).toEqual(['reason-0 First 1.', 'reason-1 Second 2.', 'reason-1 third']);
});

test('everything can be undone', () => {
  const html = '<p>你好<em>世界[1]</em>，再见[2]。</p>';
  const content = '你好*世界[1]*，再见[2]。';
  const { place, undo } = shown(html, content, [claim(content, content)]);
  expect(place.innerHTML).not.toBe(html);
  undo();
  expect(place.innerHTML).toBe(html);
});

test('text is found again in its Markdown', () => {
  const source = '## Title\n\nSee [here](https://example.org/h) & `x`.';
  const places = align('Title\nSee here & x.', source);
  expect([...'Title\nSee here & x.'].map((c, i) => (places[i] ?? -1) < 0 || source[places[i] ?? 0] === c)).not.toContain(false);
  expect(source.slice(places[10], (places[13] ?? 0) + 1)).toBe('here');
});

test('places in code points become places in the string', () => {
  expect(unitsOf('a😀b', [0, 1, 2, 3])).toEqual([0, 1, 3, 4]);
  expect(unitsOf('ab', [9])).toEqual([2]);
});
