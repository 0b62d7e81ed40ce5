import { json, send } from './client';

/** The shape of docs/chat-api.md, Memories. */
export interface Memory {
  id: string;
  text: string;
  kind: string;
  value: string;
  language: string;
  explicit: boolean;
  standing: boolean;
  source_message_id: string | null;
  conversation_id: string | null;
  created_at: string;
  used_at: string | null;
  uses: number;
  weight: number;
  recalled: boolean;
  ended_at: string | null;
  superseded_by: string | null;
}

export interface MemoryChange {
  text: string;
  kind: string;
}

const ROOT = '/api/memories';

export function memoryPath(id: string): string {
  return `${ROOT}/${encodeURIComponent(id)}`;
}

/** Every call about what is remembered. Rejects with `ApiError`. */
export const memories = {
  list: () => json<{ on: boolean; items: Memory[] }>('GET', ROOT),
  history: () => json<{ on: boolean; items: Memory[] }>('GET', `${ROOT}?history=true`),
  add: (memory: MemoryChange) => json<Memory>('POST', ROOT, memory),
  change: (id: string, change: Partial<MemoryChange>) => json<Memory>('PATCH', memoryPath(id), change),
  forget: (id: string) => send('DELETE', memoryPath(id)),
  forgetAll: () => json<{ forgotten: number }>('DELETE', ROOT),
  turn: (on: boolean) => json<{ on: boolean }>('PUT', `${ROOT}/switch`, { on }),
  exportUrl: `${ROOT}/export`,
};
