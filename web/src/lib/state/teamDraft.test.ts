import { beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../api/client';
import { teamApi, type Team, type TeamFault } from '../api/teams';
import { preferences } from './preferences.svelte';
import { TeamDraft } from './teamDraft.svelte';

let faults: TeamFault[];
const change = vi.spyOn(teamApi, 'change');
const create = vi.spyOn(teamApi, 'create');

beforeEach(() => {
  localStorage.clear();
  preferences.language = 'en';
  faults = [];
  vi.spyOn(teamApi, 'source').mockResolvedValue({ own: true, source: 'old' });
  vi.spyOn(teamApi, 'check').mockImplementation(async () => ({ team: faults.length > 0 ? null : ({} as Team), faults }));
  for (const call of [change, create]) call.mockReset().mockResolvedValue({} as Team);
});

async function opened(copy = false): Promise<TeamDraft> {
  const draft = new TeamDraft('mine', copy);
  await draft.load();
  return draft;
}

test('what is not saved is there again, and gone when it is saved or given up', async () => {
  (await opened()).put('new');
  const draft = await opened();
  expect([draft.text, draft.before, draft.changed]).toEqual(['new', 'old', true]);
  expect(await draft.save()).toBe(true);
  expect(change).toHaveBeenCalledWith('mine', 'new', 'old');
  expect((await opened()).text).toBe('old');
  draft.put('newer');
  await draft.discard();
  expect([draft.text, (await opened()).text]).toEqual(['old', 'old']);
});

test('only what is right is saved', async () => {
  const draft = await opened(true);
  expect(draft.name).toBe('mine-2');
  faults = [{ line: 3, what: 'is missing' }];
  expect(await draft.save()).toBe(false);
  expect(draft.faults).toEqual(faults);
  faults = [];
  draft.call('No name');
  expect(await draft.save()).toBe(false);
  expect(draft.nameFault).not.toBe('');
  draft.call('other');
  create.mockRejectedValueOnce(new ApiError('taken', 409, 'team_exists'));
  expect(await draft.save()).toBe(false);
  expect(draft.problem).toMatch(/choose another/);
  expect(await draft.save()).toBe(true);
  expect(create).toHaveBeenLastCalledWith('other', 'old');
});
