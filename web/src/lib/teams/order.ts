import type { Role, Step, Team, TeamMessage } from '../api/teams';

/** Rounds of a loop that does not say. */
const ROUNDS = 3;

type Turns = ReadonlyMap<string, TeamMessage>;

/** What a run builds on, by its place in the order. */
export function standing(messages: Iterable<TeamMessage>): Turns {
  const kept = [...messages].filter((one) => one.state === 'complete' || one.state === 'broken');
  return new Map(kept.map((one) => [one.place, one]));
}

/**
 * The roles whose turn comes next, as far as that is known: what follows a critic who speaks now
 * hangs on the verdict. `speaking` are the places of turns that are being taken.
 */
export function nextRoles(steps: readonly Step[], turns: Turns, speaking: ReadonlySet<string>, above = ''): string[] | null {
  const taken = (place: string): boolean => turns.has(place) || speaking.has(place);
  for (const [index, step] of steps.entries()) {
    const place = `${above}${index + 1}`;
    if (step.repeat) {
      const next = nextInLoop(step, turns, speaking, place);
      if (next === null || next.length > 0) return next;
    } else {
      const missing = step.parallel ? step.parallel.filter((_, n) => !taken(`${place}.${n + 1}`)) : [step.role ?? ''].filter(() => !taken(place));
      if (missing.length > 0) return missing;
    }
  }
  return [];
}

function nextInLoop(step: Step, turns: Turns, speaking: ReadonlySet<string>, place: string): string[] | null {
  for (let round = 1; round <= (step.rounds ?? ROUNDS); round++) {
    const here = `${place}.${round}.`;
    const next = nextRoles(step.repeat ?? [], turns, speaking, here);
    if (next === null || next.length > 0) return next;
    const said = [...turns].filter(([at]) => at.startsWith(here)).map(([, one]) => one);
    const verdicts = (step.until ?? []).map((critic) => said.findLast((one) => one.role === critic)?.passes ?? null);
    if (verdicts.includes(null)) return null;
    if (!verdicts.includes(false)) return [];
  }
  return [];
}

/**
 * Entries of the board in the order in which they come to be; those that come at the same time are
 * one row. Of what may be given only what was.
 */
export function rowsOf(team: Team, messages: readonly TeamMessage[]): string[][] {
  const writes = (role: string): string => team.roles.find((one) => one.name === role)?.writes ?? role;
  const given = team.inputs.map((one) => [one.name]).filter(([name]) => messages.some((one) => one.entry === name));
  const rows = [...given, ...flat(team.steps).map((roles) => roles.map(writes))];
  const seen = new Set<string>();
  const fresh = rows.map((row) => row.filter((entry) => !seen.has(entry) && seen.add(entry)));
  return fresh.filter((row) => row.length > 0);
}

function flat(steps: readonly Step[]): string[][] {
  return steps.flatMap((step) => (step.repeat ? flat(step.repeat) : [step.parallel ?? [step.role ?? '']]));
}

/** Who an entry is by before it is there. */
export function authorOf(team: Team, entry: string): Role | null {
  return team.roles.find((one) => one.writes === entry) ?? null;
}
