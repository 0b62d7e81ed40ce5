import { expect, test } from 'vitest';
import { collectionLink, documentLink, graphLink, placeOf, promptLink, runLink, scenarioLink, teamFileLink, teamLink, viewOf } from './views';

test('a link leads to the view it names', () => {
  for (const name of ['knowledge', 'memory', 'prompts', 'scenarios', 'teams']) expect(viewOf(`#/${name}`)).toEqual({ name });
  for (const name of ['main', '合同 2026', 'a/b?c%']) {
    expect(viewOf(collectionLink(name))).toEqual({ name: 'collection', collection: name });
    expect(viewOf(graphLink(name))).toEqual({ name: 'graph', collection: name, thing: '' });
    expect(viewOf(graphLink(name, name))).toEqual({ name: 'graph', collection: name, thing: name });
  }
  expect(viewOf(documentLink(7))).toEqual({ name: 'document', document: 7, at: null });
  expect(viewOf(documentLink(7, { start: 0, end: 12 }))).toEqual({ name: 'document', document: 7, at: { start: 0, end: 12 } });
  expect(viewOf(promptLink('summary'))).toEqual({ name: 'prompt', prompt: 'summary', language: '' });
  expect(viewOf(promptLink('summary', 'zh'))).toEqual({ name: 'prompt', prompt: 'summary', language: 'zh' });
  expect(viewOf(scenarioLink('customer-service'))).toEqual({ name: 'scenario', scenario: 'customer-service' });
  expect(viewOf(teamLink('debate'))).toEqual({ name: 'team', team: 'debate' });
  expect(viewOf(teamFileLink('debate'))).toEqual({ name: 'teamFile', team: 'debate', copy: false });
  expect(viewOf(teamFileLink('debate', true))).toEqual({ name: 'teamFile', team: 'debate', copy: true });
  expect(viewOf(runLink(12))).toEqual({ name: 'run', run: 12 });
});

test('anything else is the chat', () => {
  for (const hash of ['', '#', '#/elsewhere', '#/knowledge/document/x', '#composer', '#/knowledge/collection/', '#/prompts/a/b', '#/teams/runs/x', '#/teams/a/b']) {
    expect(viewOf(hash)).toEqual({ name: 'chat' });
  }
});

test('going around in a graph stays in its place', () => {
  expect(placeOf(viewOf(graphLink('a', 'x')))).toBe(placeOf(viewOf(graphLink('a', 'y'))));
  expect(placeOf(viewOf(graphLink('a', 'x')))).not.toBe(placeOf(viewOf(graphLink('b', 'x'))));
  expect(placeOf(viewOf(promptLink('a', 'zh')))).not.toBe(placeOf(viewOf(promptLink('a', 'en'))));
});
