/** One server-sent event. */
export interface ServerEvent {
  event: string;
  data: string;
  id: string;
}

/**
 * Incremental parser of `text/event-stream`: feed it text as it comes, get whole events.
 * Comments and fields it does not know are skipped; a trailing unfinished event is kept.
 */
export class EventParser {
  private rest = '';
  private event = '';
  private data: string[] = [];
  private id = '';

  feed(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const all = this.rest + text;
    let start = 0;
    for (;;) {
      const end = lineEnd(all, start);
      if (end === null) break;
      this.line(all.slice(start, end.at), events);
      start = end.next;
    }
    this.rest = all.slice(start);
    return events;
  }

  private line(line: string, events: ServerEvent[]): void {
    if (line === '') {
      if (this.data.length > 0) {
        events.push({ event: this.event || 'message', data: this.data.join('\n'), id: this.id });
      }
      this.event = '';
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const raw = colon < 0 ? '' : line.slice(colon + 1);
    const value = raw.startsWith(' ') ? raw.slice(1) : raw;
    if (field === 'event') this.event = value;
    else if (field === 'data') this.data.push(value);
    else if (field === 'id') this.id = value;
  }
}

/** Where the line from `start` ends and the next begins; null if its end has not come yet. */
function lineEnd(text: string, start: number): { at: number; next: number } | null {
  for (let i = start; i < text.length; i++) {
    const c = text[i];
    if (c === '\n') return { at: i, next: i + 1 };
    if (c === '\r') {
      if (i + 1 === text.length) return null;
      return { at: i, next: text[i + 1] === '\n' ? i + 2 : i + 1 };
    }
  }
  return null;
}

/** Events of a response body, in order; ends with the body. */
export async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  if (!response.body) return;
  const parser = new EventParser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield* parser.feed(value);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
