/** A piece of a text that was changed: removed and added pieces stand where they belong. */
export interface Change {
  kind: 'same' | 'removed' | 'added';
  text: string;
}

interface Hunk {
  removed: string;
  added: string;
  /** What follows, unchanged. */
  same: string;
}

/** Edits beyond which two texts count as two texts: the work grows with the square of it. */
const MOST_EDITS = 2000;
/** Scripts without spaces are compared by character, others by word. */
const UNIT = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]|(?:(?![\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}])[\p{L}\p{M}\p{N}])+|\s+|./gsu;
const SENTENCE = /[^。！？!?\n]*(?:[。！？!?]+["”’」』）)]*|\n+|$)/gu;

/**
 * What was done to `before` to make `after` of it. Sentences are compared first, then what is in
 * those that differ, so that long texts take no longer than their changes are many.
 */
export function diff(before: string, after: string): Change[] {
  const coarse = hunksOf(before.match(SENTENCE) ?? [], after.match(SENTENCE) ?? []);
  return changesOf(tidy(coarse.flatMap(refined)));
}

/** How much of `before` is still there, from 0 to 1. */
export function keptShare(changes: readonly Change[]): number {
  const length = (kind: Change['kind']): number => changes.reduce((sum, one) => sum + (one.kind === kind ? weight(one.text) : 0), 0);
  const [same, removed] = [length('same'), length('removed')];
  return same / Math.max(1, same + removed);
}

function refined(hunk: Hunk): Hunk[] {
  if (!hunk.removed || !hunk.added) return [hunk];
  const finer = hunksOf(hunk.removed.match(UNIT) ?? [], hunk.added.match(UNIT) ?? []);
  return [...finer, { removed: '', added: '', same: hunk.same }];
}

function hunksOf(a: readonly string[], b: readonly string[]): Hunk[] {
  const found: Hunk[] = [];
  let [x, y] = [0, 0];
  for (const [i, j] of [...(matches(a, b) ?? []), [a.length, b.length] as const]) {
    const [removed, added] = [a.slice(x, i).join(''), b.slice(y, j).join('')];
    const last = found.at(-1);
    if (last && !removed && !added) last.same += a[i] ?? '';
    else found.push({ removed, added, same: a[i] ?? '' });
    [x, y] = [i + 1, j + 1];
  }
  return found;
}

/** Places of a longest common row (E. Myers, 1986); null if the two are too far apart. */
function matches(a: readonly string[], b: readonly string[]): (readonly [number, number])[] | null {
  const most = Math.min(a.length + b.length, MOST_EDITS);
  const zero = most + 1;
  const reach = new Int32Array(2 * most + 3);
  const rounds: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits++) {
    rounds.push(reach.slice(zero - edits - 1, zero + edits + 2));
    for (let k = -edits; k <= edits; k += 2) {
      let x = step(reach, zero, k, edits).x;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[zero + k] = x;
      if (x >= a.length && x - k >= b.length) return wayBack(rounds, a.length, b.length);
    }
  }
  return null;
}

/** Where diagonal `k` goes on from: a line down from the one above it, or right from the one below. */
function step(reach: Int32Array, zero: number, k: number, edits: number): { x: number; from: number } {
  const [below, above] = [reach[zero + k - 1] ?? 0, reach[zero + k + 1] ?? 0];
  const down = k === -edits || (k !== edits && below < above);
  return down ? { x: above, from: k + 1 } : { x: below + 1, from: k - 1 };
}

function wayBack(rounds: readonly Int32Array[], length: number, other: number): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  let [x, y] = [length, other];
  for (let edits = rounds.length - 1; edits >= 0; edits--) {
    const reach = rounds[edits] ?? new Int32Array();
    const { x: begin, from } = step(reach, edits + 1, x - y, edits);
    while (x > begin) pairs.push([--x, --y]);
    x = reach[edits + 1 + from] ?? 0;
    y = x - from;
  }
  return pairs.reverse();
}

/** Joins changes that little stands between: a reader takes them for one. */
function tidy(hunks: readonly Hunk[]): Hunk[] {
  const kept: Hunk[] = [];
  for (const hunk of hunks) {
    let next = { ...hunk };
    for (let last = kept.at(-1); last && joins(last, next); last = kept.at(-1)) {
      kept.pop();
      const { removed, added, same } = last;
      next = { removed: removed + same + next.removed, added: added + same + next.added, same: next.same };
    }
    kept.push(next);
  }
  return kept;
}

function joins(first: Hunk, second: Hunk): boolean {
  if (!second.removed && !second.added && !first.removed && !first.added) return false;
  const size = (hunk: Hunk): number => Math.max(weight(hunk.removed), weight(hunk.added));
  return first.same === '' || weight(first.same) < Math.min(size(first), size(second));
}

/** Characters that say something. */
function weight(text: string): number {
  return text.replace(/[\s\p{P}]/gu, '').length;
}

function changesOf(hunks: readonly Hunk[]): Change[] {
  const all = hunks.flatMap(({ removed, added, same }) => [
    { kind: 'removed', text: removed } as const,
    { kind: 'added', text: added } as const,
    { kind: 'same', text: same } as const,
  ]);
  const joined: Change[] = [];
  for (const change of all) {
    const last = joined.at(-1);
    if (change.text === '') continue;
    if (last?.kind === change.kind) last.text += change.text;
    else joined.push({ ...change });
  }
  return joined;
}
