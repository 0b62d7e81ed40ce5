import { memories as api, memoryPath, type Memory, type MemoryChange } from '../api/memories';
import { t } from '../i18n';
import { Doomed } from './doomed';
import { notices } from './notices.svelte';
import { explain } from './thread.svelte';

/** Kinds in the order in which the server lists them. */
export const KINDS = [
  'name', 'language', 'style', 'city', 'hometown', 'job', 'age', 'birthday', 'diet', 'allergy', 'avoid', 'like', 'dislike',
  'child', 'pet', 'learning', 'note',
] as const; // prettier-ignore

/** What the assistant remembers of the reader. */
class Memories {
  on = $state(true);
  items = $state.raw<Memory[] | null>(null);
  /** What holds no longer, the newest first; null until it is asked for. */
  past = $state.raw<Memory[] | null>(null);
  problem = $state('');
  private doomed = new Doomed(memoryPath, (id) => this.forgetNow(id));

  async load(): Promise<void> {
    try {
      const { on, items } = await api.list();
      Object.assign(this, { on, items: items.filter((one) => !this.doomed.has(one.id)), problem: '' });
      if (this.past) await this.loadPast();
    } catch (error) {
      this.problem = explain(error);
    }
  }

  async loadPast(): Promise<void> {
    await this.attempt(async () => {
      const { items } = await api.history();
      this.past = items.filter((one) => one.ended_at && !this.doomed.has(one.id)).reverse();
    });
  }

  /** Why it was not kept; empty if it was. */
  add(memory: MemoryChange): Promise<string> {
    return this.written(() => api.add(memory));
  }

  change(id: string, change: MemoryChange): Promise<string> {
    return this.written(() => api.change(id, change));
  }

  async turn(on: boolean): Promise<void> {
    this.on = on;
    if (!(await this.attempt(() => api.turn(on)))) this.on = !on;
  }

  /** Takes it out of sight now and deletes it when the time to undo is over. */
  forget(memory: Memory): void {
    const [items, past] = [this.items, this.past];
    this.items = items?.filter((one) => one.id !== memory.id) ?? null;
    this.past = past?.filter((one) => one.id !== memory.id) ?? null;
    this.doomed.add(memory.id, t('memory.forgotten', { text: memory.text }), () => void this.load());
  }

  async forgetAll(): Promise<void> {
    await this.attempt(async () => {
      const { forgotten } = await api.forgetAll();
      notices.show(t('memory.allForgotten', { count: forgotten }));
    });
    await this.load();
  }

  private async forgetNow(id: string): Promise<void> {
    if (!(await this.attempt(() => api.forget(id)))) await this.load();
  }

  private async written(run: () => Promise<unknown>): Promise<string> {
    try {
      await run();
    } catch (error) {
      return explain(error);
    }
    await this.load();
    return '';
  }

  private async attempt(run: () => Promise<unknown>): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (error) {
      notices.error(t('connection.failed', { message: explain(error) }));
      return false;
    }
  }
}

export const memories = new Memories();
