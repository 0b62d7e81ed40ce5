import { json } from './client';

/** The shapes of /api/prompts. */
export interface PromptItem {
  name: string;
  /** Empty: serves all. */
  language: string;
  title: string;
  about: string;
  version: number;
  own: boolean;
  /** Why a file of the user's is no prompt. */
  problem: string;
}

export interface PromptInput {
  name: string;
  type: 'text' | 'number' | 'choice' | 'list' | 'flag';
  about: string;
  required: boolean;
  default: unknown;
  choices: string[];
  least: number | null;
  most: number | null;
}

export type PromptForm = 'text' | 'markdown' | 'json' | 'choice' | 'fields';
export type Inputs = Record<string, unknown>;

export interface Prompt {
  name: string;
  language: string;
  languages: string[];
  own: boolean;
  title: string;
  about: string;
  version: number;
  /** The input that a file fills. */
  main: string | null;
  inputs: PromptInput[];
  output: { form: PromptForm };
  examples: { inputs?: Inputs }[];
}

export interface Outcome {
  text: string;
  value: unknown;
  model: string;
  finish_reason: string;
  parts: number;
  prompt_tokens: number;
  completion_tokens: number;
}

export interface Filling {
  inputs: Inputs;
  language: string;
  model?: string;
}

const one = (name: string): string => `/api/prompts/${encodeURIComponent(name)}`;

/** Every call about the prompt library. Rejects with `ApiError`. */
export const prompts = {
  list: () => json<{ items: PromptItem[] }>('GET', '/api/prompts'),
  show: (name: string, language: string) => json<Prompt>('GET', `${one(name)}?language=${encodeURIComponent(language)}`),
  render: (name: string, filling: Filling) =>
    json<{ messages: { role: string; content: string }[] }>('POST', `${one(name)}/render`, filling),
  run: (name: string, filling: Filling, signal: AbortSignal) => json<Outcome>('POST', `${one(name)}/run`, filling, signal),
};
