import { json } from './client';

/** The shapes of docs/knowledge-api.md, The graph. */
export interface GraphName {
  name: string;
  kind: string;
  relations: number;
}

export interface Thing {
  name: string;
  kind: string;
  names: string[];
  /** A number, a day or a clause: nothing to go on to. */
  value: boolean;
  relations: number;
}

export interface Relation {
  subject: string;
  relation: string;
  object: string;
  passage: number | null;
  document: number | null;
  start: number | null;
  end: number | null;
  valid_from: string;
  valid_to: string;
  confidence: number;
}

/** Up to which confidence two things are named together and no more. */
export const TOGETHER = 0.25;

export interface Neighbourhood {
  name: string;
  entities: Thing[];
  relations: Relation[];
  cut: boolean;
}

/** Every call about the graph. Rejects with `ApiError`. */
export const graph = {
  names: (collection: string, q: string, signal: AbortSignal) =>
    json<{ items: GraphName[] }>('GET', `/api/graph/names?${new URLSearchParams({ collection, q, limit: '12' })}`, undefined, signal),
  around: (collection: string, name: string) =>
    json<Neighbourhood>('GET', `/api/graph/neighbourhood?${new URLSearchParams({ collection, name })}`),
};
