import { prompts, type PromptItem } from '../api/prompts';
import { scenarioApi, type Scenario } from '../api/scenarios';
import { preferences } from './preferences.svelte';
import { explain } from './thread.svelte';

/** The scenarios that a conversation can be about. */
class Scenarios {
  items = $state.raw<Scenario[] | null>(null);
  problem = $state('');
  private prompts = $state.raw<PromptItem[] | null>(null);
  private asked: Promise<void> | null = null;

  /** Asks the server once; `again` for what has changed since. */
  load(again = false): Promise<void> {
    if (again) this.asked = null;
    return (this.asked ??= this.ask());
  }

  named(name: string | null): Scenario | null {
    return this.items?.find((one) => one.name === name) ?? null;
  }

  async loadTitles(): Promise<void> {
    if (this.prompts?.length) return;
    this.prompts = await prompts.list().then(
      ({ items }) => items,
      () => [],
    );
  }

  /** What a prompt is called in the reader's language; empty until that is known. */
  titleOf(prompt: string): string {
    if (!this.prompts) return '';
    const named = this.prompts.filter((one) => one.name === prompt && one.title);
    return (named.find((one) => one.language === preferences.language) ?? named[0])?.title ?? prompt;
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
