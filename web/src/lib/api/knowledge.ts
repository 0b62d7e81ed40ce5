import { ApiError, json, refused, send } from './client';

/** The shapes of docs/knowledge-api.md. */
export interface Collection {
  name: string;
  shared: boolean;
  may_change: boolean;
  files: number;
  documents: number;
  passages: number;
  embedded: number;
  unreadable: number;
  waiting: number;
  created_at: string;
}

export interface Problem {
  source: string;
  reason: string;
  position: number | null;
}

export interface Document {
  id: number;
  source: string;
  title: string;
  language: string;
  pages: number;
  characters: number;
  passages: number;
}

export interface KnowledgeFile {
  name: string;
  size: number;
  added_at: string;
  waiting: boolean;
  documents: Document[];
  faults: number;
  problems: Problem[];
}

export interface Passage {
  id: number;
  start: number;
  end: number;
  page: number | null;
  row: number | null;
  headings: string[];
  text: string;
}

export interface Found extends Passage {
  document: number;
  collection: string;
  source: string;
  title: string;
  language: string;
  score: number;
  word_rank: number | null;
  meaning_rank: number | null;
  similarity: number | null;
}

export interface KnowledgeProgress {
  waiting: number;
  embedding: { done: number; total: number; seconds_left: number | null } | null;
  problem: string;
  max_upload_bytes: number;
}

export interface DocumentText {
  collection: string;
  document: Document;
  passages: Passage[];
}

const ROOT = '/api/knowledge';
const one = (name: string): string => `${ROOT}/collections/${encodeURIComponent(name)}`;

/** Every call of docs/knowledge-api.md. Rejects with `ApiError`. */
export const knowledge = {
  progress: () => json<KnowledgeProgress>('GET', `${ROOT}/progress`),
  collections: () => json<{ items: Collection[] }>('GET', `${ROOT}/collections`),
  create: (name: string) => json<Collection>('POST', `${ROOT}/collections`, { name }),
  collection: (name: string) => json<Collection>('GET', one(name)),
  share: (name: string, shared: boolean) => json<Collection>('PATCH', one(name), { shared }),
  remove: (name: string) => send('DELETE', one(name)),
  files: (name: string) => json<{ items: KnowledgeFile[] }>('GET', `${one(name)}/files`),
  removeFile: (name: string, file: string) => send('DELETE', `${one(name)}/files?file=${encodeURIComponent(file)}`),
  document: (id: number, start: number, length: number) =>
    json<DocumentText>('GET', `${ROOT}/documents/${id}?start=${start}&length=${length}`),

  search(q: string, collection: string | null, signal: AbortSignal): Promise<{ items: Found[]; meaning: boolean }> {
    const parameters = new URLSearchParams({ q });
    if (collection) parameters.set('collection', collection);
    return json('GET', `${ROOT}/search?${parameters}`, undefined, signal);
  },

  /** Sends one file; `ontold` hears how much of it has gone, from 0 to 1. */
  upload(name: string, file: File, ontold: (share: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const form = new FormData();
      form.append('files', file);
      request.open('POST', `${one(name)}/files`);
      request.upload.onprogress = (event) => ontold(event.total > 0 ? event.loaded / event.total : 0);
      request.onload = () => {
        if (request.status === 202) resolve();
        else reject(refused(request.status, request.responseText));
      };
      request.onerror = () => reject(new ApiError('the connection broke', 0, 'connection_broken'));
      request.send(form);
    });
  },
};
