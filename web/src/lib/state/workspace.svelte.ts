import { router } from './router.svelte';
import { Thread } from './thread.svelte';

export type DialogName = 'settings' | 'preferences' | 'shortcuts';

/** What is open: the thread on show, the dialog over it, the drawer. */
class Workspace {
  thread = $state.raw(this.opened(router.conversation));
  dialog = $state<DialogName | null>(null);
  drawer = $state(false);
  /** Counts requests to put the cursor into the message box. */
  focusRequests = $state(0);
  private working = new Map<string, Thread>();

  /** Follows the address; an answer that is being written goes on being followed out of sight. */
  show(id: string | null): void {
    const before = this.thread;
    if (before.id === id && (id !== null || before.branch.length === 0)) return;
    if (before.id && before.live.size > 0) this.working.set(before.id, before);
    else before.leave();
    const kept = id ? this.working.get(id) : undefined;
    if (id) this.working.delete(id);
    this.thread = kept ?? this.opened(id);
    this.focus();
  }

  /** Opens a conversation (null: a new one), at `message` where a search found it. */
  open(id: string | null, message: string | null = null): void {
    this.drawer = false;
    router.go(id);
    this.show(id);
    if (message) this.thread.seek(message);
  }

  private opened(id: string | null): Thread {
    return new Thread(id, (thread, created) => {
      if (thread === this.thread) router.go(created);
    });
  }

  focus(): void {
    this.focusRequests++;
  }
}

export const workspace = new Workspace();
