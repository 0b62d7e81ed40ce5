import { scenarioApi, type Scenario } from '../api/scenarios';
import { preferences } from './preferences.svelte';
import { explain } from './thread.svelte';

/** The scenarios that a conversation can be about. */
class Scenarios {
  items = $state.raw<Scenario[] | null>(null);
  problem = $state('');
  private asked: Promise<void> | null = null;

  /** Asks the server once; `again` for what has changed since. */
  load(again = false): Promise<void> {
    if (again) this.asked = null;
    return (this.asked ??= this.ask());
  }

  named(name: string | null): Scenario | null {
    return this.items?.find((one) => one.name === name) ?? null;
  }

  private async ask(): Promise<void> {
    try {
      this.items = (await scenarioApi.list()).data;
      this.problem = '';
    } catch (error) {
      this.problem = explain(error);
      this.asked = null;
    }
  }
}

export const scenarios = new Scenarios();

/** What a scenario says in the reader's language, in the other where that is missing. */
export function spoken<T>(texts: Partial<Record<'zh' | 'en', T>>, empty: T): T {
  return texts[preferences.language] ?? texts.zh ?? texts.en ?? empty;
}
