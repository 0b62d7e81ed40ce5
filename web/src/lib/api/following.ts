import { session } from '../state/session.svelte';
import { ApiError } from './client';
import type { ServerEvent } from './sse';

const FIRST_PAUSE = 400;
const LONGEST_PAUSE = 5000;

interface Follower {
  /** Asks for what is not known yet. */
  open: (signal: AbortSignal) => AsyncIterable<ServerEvent>;
  /** Uses an event; true for the last one. */
  take: (event: ServerEvent) => boolean;
  /** The server will not tell it. */
  lost: (error: ApiError) => void;
}

/** Reads a stream of events to its end, and picks it up again when it breaks. */
export class Following {
  private over = new AbortController();
  private attempt = new AbortController();

  constructor(private readonly follower: Follower) {
    addEventListener('online', this.again, { signal: this.over.signal });
    void this.follow();
  }

  /** Stop listening; the server goes on. */
  leave(): void {
    this.over.abort();
    this.attempt.abort();
  }

  private again = (): void => this.attempt.abort();

  private async follow(): Promise<void> {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      this.attempt = new AbortController();
      try {
        for await (const event of this.follower.open(this.attempt.signal)) {
          session.unreachable = false;
          pause = FIRST_PAUSE;
          if (!this.follower.take(event)) continue;
          this.leave();
          return;
        }
      } catch (error) {
        if (this.over.signal.aborted) return;
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) {
          this.leave();
          this.follower.lost(error);
          return;
        }
      }
      if (this.over.signal.aborted) return;
      session.unreachable = true;
      await rest(pause);
    }
  }
}

function rest(pause: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, pause);
    addEventListener('online', () => resolve(), { once: true });
  });
}
