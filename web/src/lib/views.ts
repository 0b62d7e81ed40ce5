/** What the part of the address behind `#` asks for; without it the chat is shown. */
export type View =
  | { name: 'chat' }
  | { name: 'knowledge' }
  | { name: 'collection'; collection: string }
  | { name: 'document'; document: number; at: Span | null }
  | { name: 'graph'; collection: string; thing: string }
  | { name: 'memory' }
  | { name: 'prompts' }
  | { name: 'prompt'; prompt: string; language: string }
  | { name: 'scenarios' }
  | { name: 'scenario'; scenario: string }
  | { name: 'teams' }
  | { name: 'team'; team: string }
  | { name: 'teamFile'; team: string; copy: boolean }
  | { name: 'run'; run: number };

/** Characters of a text, as the server counts them: Unicode code points. */
export interface Span {
  start: number;
  end: number;
}

export const KNOWLEDGE = '#/knowledge';
export const MEMORY = '#/memory';
export const PROMPTS = '#/prompts';
export const SCENARIOS = '#/scenarios';
export const TEAMS = '#/teams';

export function collectionLink(name: string): string {
  return `${KNOWLEDGE}/collection/${encodeURIComponent(name)}`;
}

export function documentLink(document: number, at: Span | null = null): string {
  return `${KNOWLEDGE}/document/${document}${at ? `?at=${at.start}-${at.end}` : ''}`;
}

/** The graph of a collection, around `thing` if one is named. */
export function graphLink(collection: string, thing = ''): string {
  return `${KNOWLEDGE}/graph/${encodeURIComponent(collection)}${thing ? `/${encodeURIComponent(thing)}` : ''}`;
}

export function promptLink(name: string, language = ''): string {
  return `${PROMPTS}/${encodeURIComponent(name)}${language ? `?language=${language}` : ''}`;
}

export function scenarioLink(name: string): string {
  return `${SCENARIOS}/${encodeURIComponent(name)}`;
}

export function teamLink(name: string): string {
  return `${TEAMS}/${encodeURIComponent(name)}`;
}

/** The file of a team, to be changed; with `copy`, to be kept under another name. */
export function teamFileLink(name: string, copy = false): string {
  return `${teamLink(name)}/${copy ? 'copy' : 'edit'}`;
}

/** What a team works on, or worked on. */
export function runLink(run: number): string {
  return `${TEAMS}/runs/${run}`;
}

type Reading = readonly [RegExp, (found: readonly string[]) => View];

/** An address, and the view that the places in it name. */
const ADDRESSES: readonly Reading[] = [
  [/^#\/knowledge$/, () => ({ name: 'knowledge' })],
  [/^#\/knowledge\/collection\/([^/?]+)$/, ([collection = '']) => ({ name: 'collection', collection: decoded(collection) })],
  [/^#\/knowledge\/document\/(\d{1,10})(?:\?at=(\d{1,10})-(\d{1,10}))?$/, documentView],
  [
    /^#\/knowledge\/graph\/([^/?]+)(?:\/([^/?]+))?$/,
    ([collection = '', thing = '']) => ({ name: 'graph', collection: decoded(collection), thing: decoded(thing) }),
  ],
  [/^#\/memory$/, () => ({ name: 'memory' })],
  [/^#\/prompts$/, () => ({ name: 'prompts' })],
  [/^#\/prompts\/([^/?]+)(?:\?language=([a-z]{2,3}))?$/, ([prompt = '', language = '']) => ({ name: 'prompt', prompt: decoded(prompt), language })],
  [/^#\/scenarios$/, () => ({ name: 'scenarios' })],
  [/^#\/scenarios\/([^/?]+)$/, ([scenario = '']) => ({ name: 'scenario', scenario: decoded(scenario) })],
  [/^#\/teams$/, () => ({ name: 'teams' })],
  [/^#\/teams\/([^/?]+)$/, ([team = '']) => ({ name: 'team', team: decoded(team) })],
  [/^#\/teams\/([^/?]+)\/(edit|copy)$/, ([team = '', way]) => ({ name: 'teamFile', team: decoded(team), copy: way === 'copy' })],
  [/^#\/teams\/runs\/(\d{1,9})$/, ([run]) => ({ name: 'run', run: Number(run) })],
];

export function viewOf(hash: string): View {
  for (const [address, view] of ADDRESSES) {
    const found = address.exec(hash);
    if (found) return view(found.slice(1));
  }
  return { name: 'chat' };
}

/** Equal for views of which one goes over into the other without beginning anew. */
export function placeOf(view: View): string {
  return JSON.stringify(view.name === 'graph' ? { ...view, thing: '' } : view);
}

function documentView([id, start, end]: readonly string[]): View {
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
