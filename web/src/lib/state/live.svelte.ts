import { api, type ApiError } from '../api/client';
import { Following } from '../api/following';
import type { ServerEvent } from '../api/sse';
import type { Conversation, Message, Progress } from '../api/types';
import { codePoints } from '../tree';

interface Ending {
  done(message: Message, conversation: Conversation): void;
  lost(error: ApiError): void;
}

/** An answer while it is written: follows its stream from the character where it was left. */
export class LiveAnswer {
  content = $state('');
  reasoning = $state('');
  progress = $state.raw<Progress | null>(null);
  private position: number;
  private waiting = { content: '', reasoning: '' };
  private frame = 0;
  private following: Following;

  constructor(
    id: string,
    message: Message,
    private readonly ending: Ending,
  ) {
    this.content = message.content;
    this.reasoning = message.reasoning;
    this.position = codePoints(message.content) + codePoints(message.reasoning);
    this.following = new Following({
      open: (signal) => api.stream(id, this.position, signal),
      take: (event) => this.take(event),
      lost: (error) => this.ending.lost(error),
    });
  }

  /** Stop listening; the server goes on. */
  leave(): void {
    this.following.leave();
    cancelAnimationFrame(this.frame);
  }

  private take(event: ServerEvent): boolean {
    const data: unknown = JSON.parse(event.data);
    if (event.event === 'progress' || event.event === 'waiting') this.progress = data as Progress;
    else if (event.event === 'delta') this.add(data as { content?: string; reasoning?: string }, event.id);
    else if (event.event === 'done') {
      const { message, conversation } = data as { message: Message; conversation: Conversation };
      cancelAnimationFrame(this.frame);
      this.ending.done(message, conversation);
    }
    return event.event === 'done';
  }

  private add(delta: { content?: string; reasoning?: string }, id: string): void {
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
