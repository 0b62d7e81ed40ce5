import { api, ApiError } from '../api/client';
import type { Conversation, Message, Progress } from '../api/types';
import { codePoints } from '../tree';
import { session } from './session.svelte';

interface Ending {
  done(message: Message, conversation: Conversation): void;
  lost(error: ApiError): void;
}

const FIRST_PAUSE = 400;
const LONGEST_PAUSE = 5000;

/** An answer while it is written: follows its stream, and picks it up again when it breaks. */
export class LiveAnswer {
  content = $state('');
  reasoning = $state('');
  progress = $state.raw<Progress | null>(null);
  private position: number;
  private waiting = { content: '', reasoning: '' };
  private frame = 0;
  private over = new AbortController();
  private attempt = new AbortController();

  constructor(
    private readonly id: string,
    message: Message,
    private readonly ending: Ending,
  ) {
    this.content = message.content;
    this.reasoning = message.reasoning;
    this.position = codePoints(message.content) + codePoints(message.reasoning);
    addEventListener('online', this.again, { signal: this.over.signal });
    void this.follow();
  }

  /** Stop listening; the server goes on. */
  leave(): void {
    this.over.abort();
    this.attempt.abort();
    cancelAnimationFrame(this.frame);
  }

  private again = (): void => this.attempt.abort();

  private async follow(): Promise<void> {
    for (let pause = FIRST_PAUSE; !this.over.signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      this.attempt = new AbortController();
      const before = this.position;
      try {
        if (await this.read(this.attempt.signal)) return;
      } catch (error) {
        if (this.over.signal.aborted) return;
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) {
          this.ending.lost(error);
          return;
        }
      }
      if (this.over.signal.aborted) return;
      session.unreachable = true;
      if (this.position > before) pause = FIRST_PAUSE;
      await this.rest(pause);
    }
  }

  private rest(pause: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, pause);
      addEventListener('online', () => resolve(), { once: true });
    });
  }

  /** Whether the answer came to its end. */
  private async read(signal: AbortSignal): Promise<boolean> {
    for await (const event of api.stream(this.id, this.position, signal)) {
      session.unreachable = false;
      const data: unknown = JSON.parse(event.data);
      if (event.event === 'progress' || event.event === 'waiting') this.progress = data as Progress;
      else if (event.event === 'delta') this.take(data as { content?: string; reasoning?: string }, event.id);
      else if (event.event === 'done') {
        const { message, conversation } = data as { message: Message; conversation: Conversation };
        this.leave();
        this.ending.done(message, conversation);
        return true;
      }
    }
    return false;
  }

  private take(delta: { content?: string; reasoning?: string }, id: string): void {
    const { content = '', reasoning = '' } = delta;
    this.waiting.content += content;
    this.waiting.reasoning += reasoning;
    this.position = Number(id) || this.position + codePoints(content) + codePoints(reasoning);
    if (document.hidden) this.show();
    else this.frame ||= requestAnimationFrame(this.show);
  }

  /** Once a frame, however many pieces came. */
  private show = (): void => {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.progress = null;
    this.content += this.waiting.content;
    this.reasoning += this.waiting.reasoning;
    this.waiting = { content: '', reasoning: '' };
  };
}
