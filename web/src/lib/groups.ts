import type { FoundConversation } from './api/types';

export interface Group {
  /** `pinned`, `today`, `yesterday`, `week`, `month`, an ISO month, or '' for one plain list. */
  name: string;
  items: FoundConversation[];
}

const DAY = 86_400_000;

/** Conversations under date headings, order kept; search results stay one list. */
export function groupByAge(items: FoundConversation[], now: Date, plain: boolean): Group[] {
  if (plain) return items.length > 0 ? [{ name: '', items }] : [];
  const groups = new Map<string, FoundConversation[]>();
  for (const item of items) {
    const name = item.pinned ? 'pinned' : ageOf(new Date(item.updated_at), now);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return [...groups].map(([name, members]) => ({ name, items: members }));
}

function ageOf(then: Date, now: Date): string {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const age = midnight - then.getTime();
  if (age <= 0) return 'today';
  if (age <= DAY) return 'yesterday';
  if (age <= 7 * DAY) return 'week';
  if (age <= 30 * DAY) return 'month';
  return `${then.getFullYear()}-${String(then.getMonth() + 1).padStart(2, '0')}-01T00:00`;
}
