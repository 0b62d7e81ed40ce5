import type { Sampling } from './api/types';

export type NumberName = Exclude<keyof Sampling, 'stop' | 'logprobs'>;

export interface Parameter {
  name: NumberName;
  min: number;
  max: number;
  step: number;
  /** Where the slider stands as long as nothing is chosen; null: a plain number field. */
  rest: number | null;
  common: boolean;
}

export const PARAMETERS: readonly Parameter[] = [
  { name: 'temperature', min: 0, max: 2, step: 0.05, rest: 0.8, common: true },
  { name: 'top_p', min: 0, max: 1, step: 0.01, rest: 0.95, common: true },
  { name: 'top_k', min: 0, max: 200, step: 1, rest: 40, common: true },
  { name: 'min_p', min: 0, max: 1, step: 0.01, rest: 0.05, common: false },
  { name: 'repeat_penalty', min: 0.5, max: 2, step: 0.01, rest: 1, common: false },
  { name: 'presence_penalty', min: -2, max: 2, step: 0.05, rest: 0, common: false },
  { name: 'frequency_penalty', min: -2, max: 2, step: 0.05, rest: 0, common: false },
  { name: 'max_tokens', min: 1, max: 1_000_000, step: 1, rest: null, common: true },
  { name: 'seed', min: 0, max: 4_294_967_295, step: 1, rest: null, common: false },
];

/** The choices with one of them set, or taken back with undefined. */
export function withChoice<K extends keyof Sampling>(sampling: Sampling, name: K, value: Sampling[K] | undefined): Sampling {
  const next = { ...sampling };
  if (value === undefined || value === null) delete next[name];
  else next[name] = value;
  return next;
}
