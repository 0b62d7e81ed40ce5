import { expect, test } from 'vitest';
import type { Passage } from '../api/knowledge';
import { partsOf } from './highlight';

const passage: Passage = { id: 1, start: 10, end: 15, page: null, row: null, headings: [], text: 'a😀bcd' };

test('only what lies within the place is a hit', () => {
  expect(partsOf(passage, { start: 11, end: 13 })).toEqual({ before: 'a', hit: '😀b', after: 'cd' });
  expect(partsOf(passage, { start: 0, end: 12 })).toEqual({ before: '', hit: 'a😀', after: 'bcd' });
  expect(partsOf(passage, { start: 10, end: 99 })).toEqual({ before: '', hit: 'a😀bcd', after: '' });
  for (const at of [null, { start: 0, end: 10 }, { start: 15, end: 20 }]) {
    expect(partsOf(passage, at)).toEqual({ before: 'a😀bcd', hit: '', after: '' });
  }
});
