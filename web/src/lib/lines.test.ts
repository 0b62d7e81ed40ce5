import { expect, test } from 'vitest';
import { indentAt, lineStart } from './lines';

const TEXT = 'a:\n  b: 1\n\n  - c';

test('lines are found', () => {
  expect([1, 2, 3, 4].map((line) => lineStart(TEXT, line))).toEqual([0, 3, 10, 11]);
  expect(lineStart(TEXT, 5)).toBe(TEXT.length + 1);
  expect(lineStart('', 1)).toBe(0);
});

test('a new line begins where the one above it does', () => {
  expect(indentAt(TEXT, 2)).toBe('');
  expect(indentAt(TEXT, 9)).toBe('  ');
  expect(indentAt(TEXT, 4)).toBe(' ');
  expect(indentAt(TEXT, TEXT.length)).toBe('  ');
});
