import { expect, test } from 'vitest';
import { preferences } from '../state/preferences.svelte';
import { translated } from './said';

test('steps are told in the language of the page', () => {
  preferences.language = 'zh';
  expect(translated('3 passages of 1 documents')).toBe('1 篇文档中的 3 段');
  expect(translated('the sources bear what is shown; 2 sentences left out')).toBe('显示的内容都有资料依据；略去 2 句');
  expect(translated('2 rules decided: refund, days')).toBe('判断了 2 条规则：refund, days');
  expect(translated('something new')).toBe('something new');
  preferences.language = 'en';
  expect(translated('stands alone')).toBe('stands alone');
});
