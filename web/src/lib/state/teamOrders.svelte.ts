import type { Limits } from '../api/teams';

/** What a team is to work on, as it is filled in; a limit that is empty is the team's. */
class TeamOrder {
  inputs = $state<Record<string, string>>({});
  persons = $state.raw<string[]>([]);
  limits = $state<Partial<Record<keyof Limits, number | null>>>({});
  model = $state('');
}

const orders = new Map<string, TeamOrder>();

/** The form of a team as it was left. */
export function orderOf(team: string): TeamOrder {
  const known = orders.get(team) ?? new TeamOrder();
  orders.set(team, known);
  return known;
}
