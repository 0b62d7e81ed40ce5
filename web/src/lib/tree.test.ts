import { describe, expect, it } from 'vitest';
import type { Message } from './api/types';
import { branchTo, codePoints, defaultLeaf, indexChildren, newestLeaf, siblingsOf } from './tree';

const message = (id: string, parent_id: string | null, seq: number, role: Message['role']): Message =>
  ({ id, parent_id, seq, role }) as Message;

const MESSAGES = [
  message('u1', null, 1, 'user'),
  message('a1', 'u1', 2, 'assistant'),
  message('a2', 'u1', 3, 'assistant'),
  message('u2', 'a1', 4, 'user'),
  message('a3', 'u2', 5, 'assistant'),
  message('u1b', null, 6, 'user'),
];
const BY_ID = new Map(MESSAGES.map((m) => [m.id, m]));
const INDEX = indexChildren(MESSAGES);

describe('branches', () => {
  it('run from the first message to the leaf', () => {
    expect(branchTo(BY_ID, 'a3').map((m) => m.id)).toEqual(['u1', 'a1', 'u2', 'a3']);
    expect(branchTo(BY_ID, 'a2').map((m) => m.id)).toEqual(['u1', 'a2']);
    expect(branchTo(BY_ID, null)).toEqual([]);
    expect(branchTo(BY_ID, 'gone')).toEqual([]);
  });
  it('end on a cycle', () => {
    const a = message('a', 'b', 1, 'user');
    const b = message('b', 'a', 2, 'user');
    expect(branchTo(new Map([['a', a], ['b', b]]), 'a').map((m) => m.id)).toEqual(['b', 'a']);
  });
  it('know their siblings', () => {
    const of = (id: string) => siblingsOf(INDEX, BY_ID.get(id) as Message);
    expect(of('a2').position).toBe(1);
    expect(of('a2').siblings.map((m) => m.id)).toEqual(['a1', 'a2']);
    expect(of('u1b').siblings.map((m) => m.id)).toEqual(['u1', 'u1b']);
  });
  it('lead to the newest leaf', () => {
    expect(newestLeaf(INDEX, 'u1')).toBe('a2');
    expect(newestLeaf(INDEX, 'a1')).toBe('a3');
    expect(defaultLeaf(MESSAGES)).toBe('u1b');
    expect(defaultLeaf([])).toBeNull();
  });
});

it('positions count code points', () => {
  expect(codePoints('造化𠮷🙂a')).toBe(5);
});
