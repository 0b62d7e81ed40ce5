import type { Passage } from '../api/knowledge';
import { unitsOf } from '../evidence/align';
import type { Span } from '../views';

/** A passage in three parts; only `hit` lies within the place that was asked for. */
export interface Parts {
  before: string;
  hit: string;
  after: string;
}

/** Parts the text of a passage at the place `at` of its document. */
export function partsOf(passage: Passage, at: Span | null): Parts {
  const { text, start, end } = passage;
  if (!at || at.end <= start || at.start >= end) return { before: text, hit: '', after: '' };
  const [from = 0, to = text.length] = unitsOf(text, [Math.max(at.start, start) - start, Math.min(at.end, end) - start]);
  return { before: text.slice(0, from), hit: text.slice(from, to), after: text.slice(to) };
}
