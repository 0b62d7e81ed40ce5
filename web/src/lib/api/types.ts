/** The shapes of docs/chat-api.md. */

export type Role = 'user' | 'assistant';
export type Status = 'running' | 'complete' | 'stopped' | 'interrupted' | 'failed';
export type Overflow = 'refuse' | 'compact';
export type Rating = 'up' | 'down';

export interface Sampling {
  temperature?: number;
  top_k?: number;
  top_p?: number;
  min_p?: number;
  repeat_penalty?: number;
  presence_penalty?: number;
  frequency_penalty?: number;
  max_tokens?: number;
  seed?: number;
  stop?: string[];
  logprobs?: boolean;
}

export interface Conversation {
  id: string;
  title: string;
  model: string;
  system: string;
  sampling: Sampling;
  overflow: Overflow;
  pinned: boolean;
  archived: boolean;
  created_at: string;
  updated_at: string;
  leaf_id: string | null;
  message_count: number;
  /** Names of the collections that answers may rest on. */
  collections?: string[];
  /** Whether what is remembered of the user goes with its questions, and it is learned from. */
  memory?: boolean;
  scenario?: string | null;
}

export interface FoundConversation extends Conversation {
  snippet?: string;
  message_id?: string | null;
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  cached_tokens: number;
}

export interface Timings {
  first_token_ms: number;
  total_ms: number;
  tokens_per_second: number;
}

export interface Cost {
  amount: number;
  currency: string;
}

export interface ContextNote {
  left_out: number;
  kept: number;
}

export interface Feedback {
  rating: Rating;
  reasons: string[];
  comment: string;
}

export interface Message {
  id: string;
  conversation_id: string;
  parent_id: string | null;
  role: Role;
  content: string;
  reasoning: string;
  status: Status;
  model: string;
  finish_reason: string | null;
  error: string | null;
  usage: Usage | null;
  timings: Timings | null;
  cost: Cost | null;
  context_note: ContextNote | null;
  feedback: Feedback | null;
  has_tokens: boolean;
  seq: number;
  created_at: string;
  citations?: Citation[] | null;
  claims?: Claim[] | null;
  trace?: TraceLine[] | null;
  /** What is to be shown under it: that it was generated, what it does not stand for. */
  notice?: string | null;
}

/**
 * What an answer was given to stand on, called `[number]` there: a passage, whose places are
 * characters of its document, or what was worked out or looked up, which has no document.
 */
export interface Citation {
  kind?: 'passage' | 'relation' | 'record' | 'rule' | 'tool';
  number: number;
  passage_id: number | null;
  document: number | null;
  collection: string;
  source: string;
  title: string;
  headings: string[];
  page: number | null;
  row: number | null;
  start: number;
  end: number;
  text: string;
  cited: boolean;
}

/** A sentence of an answer (places are characters of its content) and whether what it cites says it. */
export interface Claim {
  start: number;
  end: number;
  numbers: number[];
  verdict: 'supported' | 'unsupported' | 'uncited';
  missing: string[];
}

/** One step of the way to an answer. */
export interface TraceLine {
  step: string;
  said: string;
  milliseconds: number;
  tokens: number | null;
  details?: Record<string, unknown> | null;
}

export interface Model {
  name: string;
  title: string;
  state: 'ready' | 'loading' | 'available' | 'remote';
  kind: string;
  context_length: number;
  size: number;
  licence: string;
  languages: string[];
  default: boolean;
}

export interface Session {
  version: string;
  key_required: boolean;
  signed_in: boolean;
  name?: string;
  default_model: string;
  database?: string;
  /** Whether what all share may be changed. */
  admin?: boolean;
}

/** How far the prompt is read, in tokens. */
export interface Reading {
  total: number;
  cached: number;
  processed: number;
  /** Until the first text, if that is long. */
  seconds?: number | null;
}

/** Before the first text: how long an answer waits for its turn, or how far its prompt is read. */
export type Progress = { seconds: number } | Reading;

export interface Token {
  token: string;
  logprob: number;
  top: { token: string; logprob: number }[];
}

export type ConversationChange = Partial<
  Pick<
    Conversation,
    'title' | 'model' | 'system' | 'sampling' | 'overflow' | 'pinned' | 'archived' | 'leaf_id' | 'collections' | 'memory' | 'scenario'
  >
>;
