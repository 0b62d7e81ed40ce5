import { json, send } from './client';
import { readEvents, type ServerEvent } from './sse';

/** The shapes of docs/teams.md, Over HTTP. Texts are by language. */
export type Texts = Partial<Record<'zh' | 'en', string>>;
export type By = 'model' | 'person' | 'code';

export interface TeamInput {
  name: string;
  about: Texts;
  required: boolean;
}

export interface Role {
  name: string;
  title: Texts;
  does: Texts;
  /** Who takes it, if nobody else does. */
  by: By;
  reads: string[];
  judges: string;
  writes: string;
}

/** One of `role`, `parallel` and `repeat`; what has its default is left out. */
export interface Step {
  role?: string;
  parallel?: string[];
  repeat?: Step[];
  until?: string[];
  rounds?: number;
}

export interface TeamItem {
  name: string;
  own: boolean;
  title: Texts;
  about: Texts;
  inputs: TeamInput[];
  roles: Role[];
  /** Why a file of the user's is no team. */
  problem: string;
}

export interface Limits {
  turns: number;
  tokens: number;
  seconds: number;
  cost: number | null;
}

export interface Team extends TeamItem {
  board: Record<string, Texts>;
  steps: Step[];
  limits: Limits;
  result: string[];
}

export interface TeamFault {
  /** From 1. */
  line: number;
  what: string;
}

export type RunState = 'running' | 'waiting' | 'complete' | 'limited' | 'stopped' | 'interrupted' | 'failed';

export interface Run {
  id: number;
  team: string;
  language: 'zh' | 'en';
  model: string;
  state: RunState;
  reason: string;
  waiting_for: string;
  persons: string[];
  limits: Limits;
  spent: { turns: number; tokens: number; seconds: number; cost: number };
  /** How what it was given begins. */
  given: string;
  created_at: string;
  updated_at: string;
}

/** A turn that is kept, or something given (at place `0`). */
export interface TeamMessage {
  seq: number;
  place: string;
  role: string;
  by: By;
  model: string;
  entry: string;
  version: number;
  content: string;
  /** Of JSON. */
  value: unknown;
  /** A critic's verdict. */
  passes: boolean | null;
  tools: { name: string; arguments: unknown; result: string; ok: boolean }[];
  asked: { role: string; content: string }[];
  state: 'complete' | 'broken' | 'cut' | 'stopped' | 'failed';
  note: string;
  prompt_tokens: number;
  completion_tokens: number;
  seconds: number;
}

export interface RunResult {
  text: string;
  entries: { entry: string; version: number }[];
  objections: string[];
}

export interface WholeRun extends Run {
  design: Team;
  result: RunResult;
  messages: TeamMessage[];
}

/** A piece of what a role is saying; the first of a turn is empty. */
export interface Delta {
  turn: number;
  place: string;
  role: string;
  entry: string;
  text: string;
}

export interface NewRun {
  inputs: Record<string, string>;
  model?: string;
  persons?: string[];
  limits?: Partial<Limits>;
}

export function teamPath(name: string): string {
  return `/api/teams/${encodeURIComponent(name)}`;
}

export function runPath(id: string | number): string {
  return `/api/teams/runs/${id}`;
}

/** Every call about teams. Rejects with `ApiError`. */
export const teamApi = {
  list: () => json<{ items: TeamItem[] }>('GET', '/api/teams'),
  show: (name: string) => json<Team>('GET', teamPath(name)),
  source: (name: string) => json<{ own: boolean; source: string }>('GET', `${teamPath(name)}/source`),
  check: (source: string) => json<{ team: Team | null; faults: TeamFault[] }>('POST', '/api/teams/check', { source }),
  create: (name: string, source: string) => json<Team>('POST', '/api/teams', { name, source }),
  change: (name: string, source: string, before: string) => json<Team>('PUT', teamPath(name), { source, before }),
  delete: (name: string) => send('DELETE', teamPath(name)),
  start: (name: string, order: NewRun) => json<Run>('POST', `${teamPath(name)}/runs`, order),
  runs: () => json<{ items: Run[] }>('GET', '/api/teams/runs'),
  run: (id: number) => json<WholeRun>('GET', runPath(id)),
  stop: (id: number) => json<Run>('POST', `${runPath(id)}/stop`),
  resume: (id: number, limits: Partial<Limits>) => json<Run>('POST', `${runPath(id)}/resume`, { limits }),
  take: (id: number, role: string, person: boolean) => json<Run>('PUT', `${runPath(id)}/roles/${encodeURIComponent(role)}`, { person }),
  say: (id: number, role: string, content: string) => json<Run>('POST', `${runPath(id)}/say`, { role, content }),
  remove: (id: string) => send('DELETE', runPath(id)),
  async *stream(id: number, after: number, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    yield* readEvents(await send('GET', `${runPath(id)}/stream?after=${after}`, undefined, signal));
  },
};
