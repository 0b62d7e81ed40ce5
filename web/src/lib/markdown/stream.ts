import { closed, EMPTY, finish, innermost, step, type ListItem, type RawBlock, type State } from './blocks';
import { renderFlow, type Links } from './inline';

/** A block ready to be shown. The same object is handed out again as long as it has not changed. */
export type Block =
  | { kind: 'flow'; id: number; html: string }
  | { kind: 'code'; id: number; language: string; text: string; done: boolean }
  | { kind: 'math'; id: number; tex: string; done: boolean }
  | { kind: 'list'; id: number; ordered: boolean; start: number; items: Item[] };

export interface Item {
  id: number;
  task: boolean | null;
  blocks: Block[];
}

/** Above this many characters an open block is rendered again only after growing by 1/64. */
const EAGER = 2048;

/**
 * Markdown that grows at its end. Finished blocks are rendered once; only the open block at the
 * tail is rendered again, so the work is linear in the text. `parsed` counts the characters that
 * went through the inline parser.
 */
export class MarkdownStream {
  parsed = 0;
  private text = '';
  private state: State = EMPTY;
  private rest = '';
  private finished: Block[] = [];
  private links: Links = {};
  private sources = new WeakMap<Block, string>();
  private views = new WeakMap<RawBlock | ListItem, Block | Item>();
  private tail = new Map<string, { source: string; view: Block }>();
  private items = new Map<string, Item>();

  constructor(private readonly sanitise: (html: string) => string) {}

  /** Shows `text`; if it continues what was shown before only the new part is read. */
  update(text: string, over: boolean): Block[] {
    if (!text.startsWith(this.text)) this.reset();
    this.rest += text.slice(this.text.length);
    this.text = text;
    const lines = this.rest.split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.take(step(this.state, line.replace(/\r$/, '')));
    if (over) return this.end();
    const tried = presentableLine(this.rest, this.state) && this.rest ? step(this.state, this.rest) : this.state;
    const tail = tried.done.map((raw) => this.view(raw, '', true));
    if (tried.open) tail.push(this.view(closed(tried.open), '', false));
    return [...this.finished, ...tail.filter((block) => block.kind !== 'flow' || block.html)];
  }

  private reset(): void {
    Object.assign(this, { text: '', state: EMPTY, rest: '', finished: [], links: {} });
    this.tail.clear();
    this.items.clear();
  }

  private take(next: State): void {
    for (const raw of next.done) this.finished.push(this.view(raw, '', true));
    if (next.done.length > 0) {
      this.tail.clear();
      this.items.clear();
    }
    this.state = { ...next, done: [] };
  }

  private end(): Block[] {
    const before = { state: this.state, finished: this.finished, rest: this.rest };
    this.finished = [...this.finished];
    this.take(finish(this.rest ? step(this.state, this.rest) : this.state));
    const blocks = Object.keys(this.links).length > 0 ? this.finished.map((b) => this.relinked(b)) : this.finished;
    Object.assign(this, before);
    return blocks;
  }

  /** Link definitions may follow their use: such blocks are rendered once more at the end. */
  private relinked(block: Block): Block {
    if (block.kind === 'list') {
      const items = block.items.map((item) => ({ ...item, blocks: item.blocks.map((b) => this.relinked(b)) }));
      return { ...block, items };
    }
    const source = this.sources.get(block);
    return block.kind === 'flow' && source?.includes('[') ? { ...block, html: this.html(source) } : block;
  }

  /** Only a finished block may define links: half a definition would point elsewhere. */
  private html(source: string, done = true): string {
    this.parsed += source.length;
    return this.sanitise(renderFlow(source, done ? this.links : { ...this.links }));
  }

  private view(raw: RawBlock, path: string, done: boolean): Block {
    const known = this.views.get(raw) as Block | undefined;
    if (known && done) return known;
    const view = this.render(raw, path, done);
    if (done) this.views.set(raw, view);
    return view;
  }

  private render(raw: RawBlock, path: string, done: boolean): Block {
    switch (raw.kind) {
      case 'flow':
        return this.flow(raw.id, raw.source, `${path}/${raw.id}`, done);
      case 'code':
        return { ...raw, text: raw.text.replace(/\n$/, ''), done };
      case 'math':
        return { ...raw, done };
      case 'list': {
        const last = raw.items.length - 1;
        const items = raw.items.map((item, i) => this.item(item, `${path}/${raw.id}.${item.id}`, done || i < last));
        return { ...raw, items };
      }
    }
  }

  private item(item: ListItem, path: string, done: boolean): Item {
    const known = this.views.get(item) as Item | undefined;
    if (known && done) return known;
    const last = item.content.done.length - 1;
    const blocks = item.content.done.map((raw, i) => this.view(raw, path, done || i < last));
    const before = this.items.get(path);
    const same = before?.task === item.task && sameObjects(before.blocks, blocks);
    const view: Item = same ? before : { id: item.id, task: item.task, blocks };
    this.items.set(path, view);
    if (done) this.views.set(item, view);
    return view;
  }

  private flow(id: number, source: string, path: string, done: boolean): Block {
    const last = this.tail.get(path);
    const fresh = done && source.includes(']:');
    if (last && !fresh && last.source === source) return last.view;
    if (last && !done && tooSoon(last.source.length, source.length)) return last.view;
    const shown = done ? source : presentable(source);
    const view: Block = { kind: 'flow', id, html: shown ? this.html(shown, done) : '' };
    this.sources.set(view, source);
    this.tail.set(path, { source: done || shown === source ? source : `${source}\0`, view });
    return view;
  }
}

function sameObjects(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function tooSoon(shown: number, now: number): boolean {
  return now >= shown && shown > EAGER && now - shown < shown / 64;
}

/** Marks at the start of a line that may yet become something else. */
const UNDECIDED =
  /^\s*(?:`{1,2}|~{1,2}|[-*+]|[-=*_]{2,}|\d{1,9}[.)]?|#{1,6}|\$|\\\[?|(?:[-*+]|\d{1,9}[.)]) +\[?[ xX]?\]?|\|)\s*$/;
const FENCE_END = /^\s*(?:`+|~+)\s*$/;

/** Whether a line still being written says enough to be shown. */
function presentableLine(line: string, state: State): boolean {
  return innermost(state)?.kind === 'code' ? !FENCE_END.test(line) : !UNDECIDED.test(line);
}

/** A paragraph that is still growing: no half table, no half emphasis. */
function presentable(source: string): string {
  const lines = source.split('\n');
  if (lines[0]?.startsWith('|') && (lines.length < 2 || /^[|:\-\s]*$/.test(lines[1] ?? '')) && lines.length < 3) {
    return lines.length === 2 && /^\|?(?:\s*:?-+:?\s*\|)+\s*$/.test(lines[1] ?? '') ? source : '';
  }
  const ticks = source.match(/`/g)?.length ?? 0;
  if (ticks % 2 === 1) return `${source}\``;
  const stars = source.match(/\*\*/g)?.length ?? 0;
  if (stars % 2 === 0) return source;
  return source.endsWith('**') ? source.slice(0, -2) : `${source.trimEnd()}**`;
}
