import type { Progress, Reading } from './api/types';

/** What the server said of an answer that is waited for, and when (milliseconds). */
export interface Told {
  progress: Progress;
  at: number;
}

export interface Wait {
  /** `quiet`: too short to say anything; `preparing`: nothing is known. */
  stage: 'quiet' | 'preparing' | 'queue' | 'reading' | 'writing';
  /** How much is read of what was not in the cache, 0 to 1, as far as that is known or can be guessed. */
  share: number;
  /** Seconds to the first text; null if they are few or not known. */
  left: number | null;
}

/** So long nothing is said: most answers have begun by then. */
const PATIENCE = 900;
/** Seconds that are worth telling. */
const LONG = 2;
/** Of a share that is guessed: it is never all. */
const NEARLY = 0.96;

/**
 * How an answer that was asked for at `begun` stands `now`. Some engines tell how far they are,
 * others only that they begin: then the predicted time says it. What is told first of the reading
 * gives its speed where nothing is predicted.
 */
export function waitOf(begun: number, first: Told | null, last: Told | null, now: number): Wait {
  const said = last?.progress;
  const predicted = said?.seconds ?? null;
  const left = last && predicted !== null ? predicted - (now - last.at) / 1000 : null;
  if (said && 'total' in said && said.total > 0) return readingOf(said, first, last, left, now);
  const stage = said ? 'queue' : now - begun < PATIENCE ? 'quiet' : 'preparing';
  return { stage, share: 0, left: worth(left) };
}

function readingOf(said: Reading, first: Told | null, last: Told | null, left: number | null, now: number): Wait {
  const share = (said.processed - said.cached) / (said.total - said.cached);
  if (said.processed >= said.total) return { stage: 'writing', share: 1, left: null };
  if (said.processed > said.cached) return { stage: 'reading', share, left: worth(left ?? byPace(said, first, last, now)) };
  const all = (left ?? 0) + (now - (last?.at ?? now)) / 1000;
  const guess = left === null || all <= 0 ? 0 : Math.min(NEARLY, 1 - left / all);
  return { stage: 'reading', share: Math.max(0, guess), left: worth(left) };
}

function byPace(said: Reading, first: Told | null, last: Told | null, now: number): number | null {
  const before = first && 'total' in first.progress ? first.progress.processed : said.processed;
  if (!first || !last || said.processed <= before) return null;
  const pace = (said.processed - before) / (last.at - first.at);
  return (said.total - said.processed) / pace / 1000 - (now - last.at) / 1000;
}

function worth(seconds: number | null): number | null {
  return seconds !== null && seconds >= LONG ? seconds : null;
}
