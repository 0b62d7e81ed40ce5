import { expect, test } from 'vitest';
import { preferences } from '../state/preferences.svelte';
import { faultsOf } from './faults';

test('faults stand at their inputs', () => {
  preferences.language = 'zh';
  const said = "text is missing; percent must be 90 at most; form cannot be 'x': did you mean 'y' (prompt 'shorten'): 'zaohua prompt show shorten' lists its inputs";
  expect(faultsOf(said, ['text', 'percent', 'form'])).toEqual({
    fields: { text: '请填写', percent: '最大是 90', form: "cannot be 'x': did you mean 'y'" },
    rest: '',
  });
  expect(faultsOf('the engine failed', ['text'])).toEqual({ fields: {}, rest: 'the engine failed' });
});
