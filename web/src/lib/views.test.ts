import { expect, test } from 'vitest';
import { collectionLink, documentLink, viewOf } from './views';

test('a link leads to the view it names', () => {
  expect(viewOf('#/knowledge')).toEqual({ name: 'knowledge' });
  for (const name of ['main', '合同 2026', 'a/b?c%']) {
    expect(viewOf(collectionLink(name))).toEqual({ name: 'collection', collection: name });
  }
  expect(viewOf(documentLink(7))).toEqual({ name: 'document', document: 7, at: null });
  expect(viewOf(documentLink(7, { start: 0, end: 12 }))).toEqual({ name: 'document', document: 7, at: { start: 0, end: 12 } });
});

test('anything else is the chat', () => {
  for (const hash of ['', '#', '#/elsewhere', '#/knowledge/document/x', '#composer', '#/knowledge/collection/']) {
    expect(viewOf(hash)).toEqual({ name: 'chat' });
  }
});
