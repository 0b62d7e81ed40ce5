import { expect, test } from 'vitest';
import { preferences } from '../state/preferences.svelte';
import { faultTold, problemTold } from './faults';

test('what is wrong with a team is told in the language of the page', () => {
  const told = {
    "roles.critic.judge: there is no such key, did you mean 'judges'?": 'roles.critic.judge：没有这个键，是不是「judges」？',
    "there is no entry 'taks', did you mean 'task'?": '没有叫「taks」的条目，是不是「task」？',
    "there is no role 'x', there are writer, critic": '没有叫「x」的角色，可以用的有 writer, critic',
    'steps: is missing': 'steps：缺少',
    'limits.turns: must be greater than or equal to 1, is 0': 'limits.turns：最小是 1，现在是 0',
    'roles.planner: is never reached, no step is its turn': '角色「planner」轮不到：没有哪一步是它',
    "planner needs 'draft' before it is written": '「planner」要用「draft」，而那时还没有写出来',
    "the key 'roles' stands twice in one table": '键「roles」写了两次',
  };
  preferences.language = 'zh';
  for (const [english, chinese] of Object.entries(told)) expect(faultTold(english)).toBe(chinese);
  expect(faultTold('something new')).toBe('something new');
  expect(problemTold('line 2: steps: is missing; line 3: new; more')).toBe('第 2 行 steps：缺少\n第 3 行 new\nmore');
  preferences.language = 'en';
  for (const english of Object.keys(told)) expect(faultTold(english)).toBe(english);
});
