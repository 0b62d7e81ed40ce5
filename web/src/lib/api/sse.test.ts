import { describe, expect, it } from 'vitest';
import { EventParser, readEvents } from './sse';

const STREAM = ': ping\n\nevent: delta\nid: 3\ndata: {"content":"造化"}\n\r\ndata: a\ndata: b\r\n\r\nevent: x\n\ndata:late';

describe('event stream', () => {
  it.each([1, 2, 5, 1000])('is read the same in pieces of %i', (size) => {
    const parser = new EventParser();
    const events = [];
    for (let i = 0; i < STREAM.length; i += size) events.push(...parser.feed(STREAM.slice(i, i + size)));
    expect(events).toEqual([
      { event: 'delta', id: '3', data: '{"content":"造化"}' },
      { event: 'message', id: '3', data: 'a\nb' },
    ]);
  });

  it('survives a cut inside a character', async () => {
    const bytes = new TextEncoder().encode('data: 时间\n\n');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    const found = [];
    for await (const event of readEvents(new Response(body))) found.push(event.data);
    expect(found).toEqual(['时间']);
  });
});
