import { expect, test } from 'vitest';
import type { Role, Step, Team, TeamMessage } from '../api/teams';
import { nextRoles, rowsOf, standing } from './order';

const STEPS: Step[] = [{ role: 'planner' }, { repeat: [{ role: 'writer' }, { role: 'critic' }], until: ['critic'], rounds: 2 }, { parallel: ['one', 'two'] }];

function said(place: string, role: string, passes: boolean | null = null, state: TeamMessage['state'] = 'complete'): TeamMessage {
  return { place, role, passes, state } as TeamMessage;
}

function next(messages: TeamMessage[], ...speaking: string[]): string[] | null {
  return nextRoles(STEPS, standing(messages), new Set(speaking));
}

test('who is next follows the order', () => {
  const begun = [said('1', 'planner'), said('2.1.1', 'writer')];
  expect(next([])).toEqual(['planner']);
  expect(next([], '1')).toEqual(['writer']);
  expect(next(begun)).toEqual(['critic']);
  expect(next([...begun, said('2.1.2', 'critic', false)])).toEqual(['writer']);
  expect(next([...begun, said('2.1.2', 'critic', true)])).toEqual(['one', 'two']);
  expect(next([...begun, said('2.1.2', 'critic', true), said('3.2', 'two')], '3.1')).toEqual([]);
});

test('a critic who speaks decides who is next', () => {
  expect(next([said('1', 'planner'), said('2.1.1', 'writer')], '2.1.2')).toBeNull();
});

test('a loop ends with its rounds; a turn that failed is taken again', () => {
  const rounds = [1, 2].flatMap((n) => [said(`2.${n}.1`, 'writer'), said(`2.${n}.2`, 'critic', false)]);
  expect(next([said('1', 'planner'), ...rounds])).toEqual(['one', 'two']);
  expect(next([said('1', 'planner', null, 'failed')])).toEqual(['planner']);
});

test('the board has its entries in the order of their coming', () => {
  const writes = { planner: 'plan', writer: 'draft', critic: 'objections', one: 'for', two: 'against' };
  const roles = Object.entries(writes).map(([name, entry]) => ({ name, writes: entry }) as Role);
  const team = { inputs: [{ name: 'facts' }, { name: 'notes' }], roles, steps: STEPS } as Team;
  expect(rowsOf(team, [{ entry: 'facts' } as TeamMessage])).toEqual([['facts'], ['plan'], ['draft'], ['objections'], ['for', 'against']]);
});
