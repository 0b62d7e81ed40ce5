import { t } from '../i18n';
import { notices } from './notices.svelte';

const UNDO_SECONDS = 6;

/**
 * What is out of sight already and deleted when the time to undo is over, or when the page is
 * closed before.
 */
export class Doomed {
  private timers = new Map<string, number>();

  constructor(
    private readonly pathOf: (id: string) => string,
    private readonly remove: (id: string) => Promise<void>,
  ) {
    addEventListener('pagehide', () => this.removeAll());
  }

  has(id: string): boolean {
    return this.timers.has(id);
  }

  /** Says `text`; `restore` is called if the reader wants it back. */
  add(id: string, text: string, restore: () => void): void {
    this.timers.set(
      id,
      window.setTimeout(() => void this.remove(id).finally(() => this.timers.delete(id)), UNDO_SECONDS * 1000),
    );
    const run = (): void => {
      clearTimeout(this.timers.get(id));
      this.timers.delete(id);
      restore();
    };
    notices.show(text, { action: { label: t('undo'), run }, seconds: UNDO_SECONDS });
  }

  private removeAll(): void {
    for (const [id, timer] of this.timers) {
      clearTimeout(timer);
      void fetch(this.pathOf(id), { method: 'DELETE', keepalive: true });
    }
  }
}
