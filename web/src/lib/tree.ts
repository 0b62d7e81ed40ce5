import type { Message } from './api/types';

/** The messages of a conversation as a tree, and the branch of it that is shown. */

/** Children of `parent` in order of creation. */
export function childrenOf(messages: Iterable<Message>, parent: string | null): Message[] {
  return [...messages].filter((m) => m.parent_id === parent).sort((a, b) => a.seq - b.seq);
}

/** Children of every message, keyed by parent id ('' for the roots), each in order of creation. */
export function indexChildren(messages: Iterable<Message>): Map<string, Message[]> {
  const index = new Map<string, Message[]>();
  for (const message of messages) {
    const key = message.parent_id ?? '';
    const list = index.get(key);
    if (list) list.push(message);
    else index.set(key, [message]);
  }
  for (const list of index.values()) list.sort((a, b) => a.seq - b.seq);
  return index;
}

/** The branch that ends in `leaf`, first message first; stops at a broken link or a cycle. */
export function branchTo(messages: ReadonlyMap<string, Message>, leaf: string | null): Message[] {
  const branch: Message[] = [];
  const seen = new Set<string>();
  for (let at = leaf; at !== null && !seen.has(at); ) {
    const message = messages.get(at);
    if (!message) break;
    seen.add(at);
    branch.push(message);
    at = message.parent_id;
  }
  return branch.reverse();
}

/** The leaf reached from `from` by always taking the newest child. */
export function newestLeaf(index: ReadonlyMap<string, Message[]>, from: string): string {
  let at = from;
  for (;;) {
    const next = index.get(at)?.at(-1);
    if (!next) return at;
    at = next.id;
  }
}

/** The leaf to show when the stored one is missing: the newest message's branch. */
export function defaultLeaf(messages: Iterable<Message>): string | null {
  let newest: Message | null = null;
  for (const message of messages) if (!newest || message.seq > newest.seq) newest = message;
  return newest?.id ?? null;
}

/** Which of its siblings a message is (0-based) and how many there are. */
export function siblingsOf(
  index: ReadonlyMap<string, Message[]>,
  message: Message,
): { position: number; siblings: Message[] } {
  const siblings = (index.get(message.parent_id ?? '') ?? []).filter((m) => m.role === message.role);
  return { position: siblings.findIndex((m) => m.id === message.id), siblings };
}

/** Length in Unicode code points, as the server counts positions. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
