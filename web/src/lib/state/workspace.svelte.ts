import { router } from './router.svelte';
import { Thread } from './thread.svelte';

export type DialogName = 'settings' | 'preferences' | 'shortcuts';

/** What is open: the thread on show, the dialog over it, the drawer. */
class Workspace {
  thread = $state.raw(this.opened(router.conversation, router.scenario));
  dialog = $state<DialogName | null>(null);
  drawer = $state(false);
  /** Counts requests to put the cursor into the message box. */
  focusRequests = $state(0);
  private working = new Map<string, Thread>();

  /** Follows the address; an answer that is being written goes on being followed out of sight. */
  show(id: string | null, scenario: string | null = null): void {
    const before = this.thread;
    const same = id !== null || (before.branch.length === 0 && before.settings.scenario === scenario);
    if (before.id === id && same) return;
    if (before.id && before.live.size > 0) this.working.set(before.id, before);
    else before.leave();
    const kept = id ? this.working.get(id) : undefined;
    if (id) this.working.delete(id);
    this.thread = kept ?? this.opened(id, scenario);
    this.focus();
  }

  /** Opens a conversation (null: a new one), at `message` where a search found it. */
  open(id: string | null, message: string | null = null): void {
    this.drawer = false;
    router.go(id);
    this.show(id);
    if (message) this.thread.seek(message);
  }

  /** A new conversation in a scenario. */
  start(scenario: string): void {
    this.drawer = false;
    router.go(null, scenario);
    this.show(null, scenario);
  }

  private opened(id: string | null, scenario: string | null): Thread {
    const created = (thread: Thread, made: string): void => {
      if (thread === this.thread) router.go(made);
    };
    return new Thread(id, scenario, created);
  }

  focus(): void {
    this.focusRequests++;
  }
}

export const workspace = new Workspace();
