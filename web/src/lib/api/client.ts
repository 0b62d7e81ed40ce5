import { readEvents, type ServerEvent } from './sse';
import type {
  Conversation,
  ConversationChange,
  Feedback,
  FoundConversation,
  Message,
  Model,
  Session,
} from './types';

/** What the server refused, or `status` 0 when it could not be reached. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string = '',
  ) {
    super(message);
  }
}

type Unauthorised = () => void;
let onUnauthorised: Unauthorised = () => undefined;

/** Called whenever the server asks for a key. */
export function whenUnauthorised(callback: Unauthorised): void {
  onUnauthorised = callback;
}

/** The error in the body of a response that is not a success. */
export function refused(status: number, body: string, fallback = ''): ApiError {
  let message = fallback || `HTTP ${status}`;
  let code = '';
  try {
    const { error } = JSON.parse(body) as { error?: { message?: string; code?: string | null } };
    message = error?.message ?? message;
    code = error?.code ?? '';
  } catch {
    // Something between us and the server answered.
  }
  return new ApiError(message, status, code);
}

export async function send(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const init: RequestInit = { method, credentials: 'same-origin' };
  if (signal) init.signal = signal;
  if (body instanceof FormData) init.body = body;
  else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { 'content-type': 'application/json' };
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(error instanceof Error ? error.message : String(error), 0, 'unreachable');
  }
  if (response.ok) return response;
  if (response.status === 401 && path !== '/api/session') onUnauthorised();
  throw refused(response.status, await response.text().catch(() => ''), response.statusText);
}

export async function json<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  return (await send(method, path, body, signal)).json() as Promise<T>;
}

export function conversationPath(id: string): string {
  return `/api/conversations/${encodeURIComponent(id)}`;
}

const one = conversationPath;
const message = (id: string): string => `/api/messages/${encodeURIComponent(id)}`;

export interface Page {
  items: FoundConversation[];
  next_cursor: string | null;
}

export interface ListQuery {
  q?: string;
  archived?: boolean;
  cursor?: string;
  limit?: number;
}

/** Every call of docs/chat-api.md. Rejects with `ApiError`. */
export const api = {
  session: () => json<Session>('GET', '/api/session'),
  signIn: (key: string) => json<Session>('POST', '/api/session', { key }),
  signOut: () => send('DELETE', '/api/session'),
  models: () => json<{ items: Model[] }>('GET', '/api/models'),

  conversations(query: ListQuery, signal?: AbortSignal): Promise<Page> {
    const parameters = new URLSearchParams({ limit: String(query.limit ?? 50) });
    if (query.q) parameters.set('q', query.q);
    if (query.archived) parameters.set('archived', 'true');
    if (query.cursor) parameters.set('cursor', query.cursor);
    return json<Page>('GET', `/api/conversations?${parameters}`, undefined, signal);
  },
  createConversation: (body: ConversationChange) => json<Conversation>('POST', '/api/conversations', body),
  conversation: (id: string) => json<{ conversation: Conversation; messages: Message[] }>('GET', one(id)),
  changeConversation: (id: string, change: ConversationChange) => json<Conversation>('PATCH', one(id), change),
  deleteConversation: (id: string) => send('DELETE', one(id)),
  makeTitle: (id: string) => json<Conversation>('POST', `${one(id)}/title`),
  exportUrl: (id: string, format: 'markdown' | 'json') => `${one(id)}/export?format=${format}`,
  importFile(file: File): Promise<{ imported: number; skipped: number; conversation_ids: string[] }> {
    const form = new FormData();
    form.set('file', file);
    return json('POST', '/api/import', form);
  },

  ask: (id: string, content: string, parent_id: string | null) =>
    json<{ user: Message; assistant: Message }>('POST', `${one(id)}/messages`, { content, parent_id }),
  regenerate: (id: string) => json<{ assistant: Message }>('POST', `${message(id)}/regenerate`),
  stop: (id: string) => json<Message>('POST', `${message(id)}/stop`),
  setFeedback: (id: string, feedback: Feedback) => json<Message>('PUT', `${message(id)}/feedback`, feedback),
  clearFeedback: (id: string) => send('DELETE', `${message(id)}/feedback`),

  async *stream(id: string, after: number, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    yield* readEvents(await send('GET', `${message(id)}/stream?after=${after}`, undefined, signal));
  },
  async *tokens(id: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    yield* readEvents(await send('GET', `${message(id)}/tokens`, undefined, signal));
  },
};
