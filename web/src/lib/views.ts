/** What the part of the address behind `#` asks for; without it the chat is shown. */
export type View =
  | { name: 'chat' }
  | { name: 'knowledge' }
  | { name: 'collection'; collection: string }
  | { name: 'document'; document: number; at: Span | null };

/** Characters of a text, as the server counts them: Unicode code points. */
export interface Span {
  start: number;
  end: number;
}

export const KNOWLEDGE = '#/knowledge';

export function collectionLink(name: string): string {
  return `${KNOWLEDGE}/collection/${encodeURIComponent(name)}`;
}

export function documentLink(document: number, at: Span | null = null): string {
  return `${KNOWLEDGE}/document/${document}${at ? `?at=${at.start}-${at.end}` : ''}`;
}

export function viewOf(hash: string): View {
  if (hash === KNOWLEDGE) return { name: 'knowledge' };
  const collection = /^#\/knowledge\/collection\/([^/?]+)$/.exec(hash)?.[1];
  if (collection) return { name: 'collection', collection: decoded(collection) };
  const document = /^#\/knowledge\/document\/(\d{1,10})(?:\?at=(\d{1,10})-(\d{1,10}))?$/.exec(hash);
  if (!document) return { name: 'chat' };
  const [, id, start, end] = document;
  const at = start && end ? { start: Number(start), end: Number(end) } : null;
  return { name: 'document', document: Number(id), at };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
