/**
 * Markdown block structure, one line at a time.
 *
 * `step` takes an immutable state and one complete line and returns the next state, so a line that
 * is still being written can be tried on the same state without changing it. A block that has been
 * closed is never looked at again. Inline Markdown is not parsed here.
 */

export interface FlowBlock {
  kind: 'flow';
  id: number;
  source: string;
}
export interface CodeBlock {
  kind: 'code';
  id: number;
  language: string;
  text: string;
}
export interface MathBlock {
  kind: 'math';
  id: number;
  tex: string;
}
export interface ListBlock {
  kind: 'list';
  id: number;
  ordered: boolean;
  start: number;
  items: readonly ListItem[];
}
export type RawBlock = FlowBlock | CodeBlock | MathBlock | ListBlock;

export interface ListItem {
  id: number;
  /** Whether the box of a task is ticked; null: not a task. */
  task: boolean | null;
  content: State;
}

type OpenCode = CodeBlock & { fence: string; indent: number };
type OpenMath = MathBlock & { close: string };
type OpenList = ListBlock & { marker: string; current: ListItem; contentIndent: number; blank: boolean };
export type OpenBlock = FlowBlock | OpenCode | OpenMath | OpenList;

export interface State {
  readonly done: readonly RawBlock[];
  readonly open: OpenBlock | null;
  readonly next: number;
}

export const EMPTY: State = { done: [], open: null, next: 0 };

const BLANK = /^\s*$/;
const FENCE = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})\s*([^\s`{]*)/;
const MATH = /^ {0,3}(\$\$|\\\[)(.*)$/;
const HEADING = /^ {0,3}#{1,6}(?:\s|$)/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const SETEXT = /^ {0,3}(?:=+|-+)\s*$/;
const ITEM = /^( *)([-*+]|(\d{1,9})[.)])(?:( +)(.*))?$/;
const TASK = /^\[([ xX])\] +/;

/** The state after one more line (without its line feed). */
export function step(state: State, line: string): State {
  const { open } = state;
  const text = expandTabs(line);
  if (!open) return begin(state, text);
  switch (open.kind) {
    case 'code':
      return inCode(state, open as OpenCode, text);
    case 'math':
      return inMath(state, open as OpenMath, text);
    case 'list':
      return inList(state, open as OpenList, text);
    case 'flow':
      return inFlow(state, open, text);
  }
}

/** The state with everything closed: the text is over. */
export function finish(state: State): State {
  return state.open ? close(state) : state;
}

/** The open block as it would be if the text ended here. */
export function closed(open: OpenBlock): RawBlock {
  switch (open.kind) {
    case 'flow':
      return open;
    case 'code':
      return { kind: 'code', id: open.id, language: open.language, text: open.text };
    case 'math':
      return { kind: 'math', id: open.id, tex: open.tex };
    case 'list': {
      const list = open as OpenList;
      const last = { ...list.current, content: finish(list.current.content) };
      const items = [...list.items, last];
      return { kind: 'list', id: list.id, ordered: list.ordered, start: list.start, items };
    }
  }
}

/** The block that the next line would go to first, inside all lists. */
export function innermost(state: State): OpenBlock | null {
  const { open } = state;
  return open?.kind === 'list' ? innermost((open as OpenList).current.content) : open;
}

function close(state: State): State {
  if (!state.open) return state;
  return { done: [...state.done, closed(state.open)], open: null, next: state.next };
}

function opened(state: State, open: OpenBlock): State {
  return { done: state.done, open, next: state.next + 1 };
}

function expandTabs(line: string): string {
  return line.includes('\t') ? line.replace(/^[ \t]+/, (lead) => lead.replaceAll('\t', '    ')) : line;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function begin(state: State, line: string): State {
  if (BLANK.test(line)) return state;
  const fence = FENCE.exec(line);
  if (fence) {
    const [, lead = '', mark = '```', language = ''] = fence;
    const block: OpenCode = { kind: 'code', id: state.next, language, text: '', fence: mark, indent: lead.length };
    return opened(state, block);
  }
  const math = MATH.exec(line);
  if (math) return beginMath(state, math[1] ?? '$$', math[2] ?? '', line);
  if (RULE.test(line) || HEADING.test(line)) return close(flow(state, line));
  const item = ITEM.exec(line);
  if (item && indentOf(line) < 4) return beginList(state, item);
  return flow(state, line);
}

function flow(state: State, source: string): State {
  return opened(state, { kind: 'flow', id: state.next, source });
}

function beginMath(state: State, mark: string, rest: string, line: string): State {
  const end = mark === '$$' ? '$$' : '\\]';
  const body = rest.trimEnd();
  const at = body.indexOf(end);
  if (at >= 0 && at !== body.length - end.length) return flow(state, line);
  const block: OpenMath = { kind: 'math', id: state.next, tex: at >= 0 ? body.slice(0, at) : rest, close: end };
  return at >= 0 ? close(opened(state, block)) : opened(state, block);
}

function inCode(state: State, open: OpenCode, line: string): State {
  const bare = line.trim();
  if (indentOf(line) < 4 && bare.length >= open.fence.length && bare === bare.charAt(0).repeat(bare.length) &&
      bare.charAt(0) === open.fence.charAt(0)) {
    return close(state);
  }
  const text = line.slice(Math.min(open.indent, indentOf(line)));
  return { ...state, open: { ...open, text: `${open.text}${text}\n` } };
}

function inMath(state: State, open: OpenMath, line: string): State {
  const body = line.trimEnd();
  if (!body.endsWith(open.close)) return { ...state, open: { ...open, tex: `${open.tex}\n${line}` } };
  return close({ ...state, open: { ...open, tex: `${open.tex}\n${body.slice(0, -open.close.length)}` } });
}

function inFlow(state: State, open: FlowBlock, line: string): State {
  if (BLANK.test(line)) return close(state);
  const quote = open.source.startsWith('>');
  if (SETEXT.test(line) && !quote) return close(append(state, open, line));
  if (interrupts(line) || (line.startsWith('>') && !quote)) return begin(close(state), line);
  return append(state, open, line);
}

function append(state: State, open: FlowBlock, line: string): State {
  return { ...state, open: { ...open, source: `${open.source}\n${line}` } };
}

function interrupts(line: string): boolean {
  if (FENCE.test(line) || HEADING.test(line) || RULE.test(line) || MATH.test(line)) return true;
  const item = ITEM.exec(line);
  return !!item && indentOf(line) < 4 && !!item[5] && (!item[3] || item[3] === '1');
}

function markerOf(item: RegExpExecArray): string {
  const mark = item[2] ?? '-';
  return item[3] ? mark.slice(-1) : mark;
}

function newItem(id: number, item: RegExpExecArray): { current: ListItem; contentIndent: number } {
  const lead = (item[1] ?? '').length;
  const mark = (item[2] ?? '').length;
  const spaces = (item[4] ?? '').length;
  const padding = spaces >= 1 && spaces <= 4 ? spaces : 1;
  let text = ' '.repeat(Math.max(0, spaces - padding)) + (item[5] ?? '');
  const task = TASK.exec(text);
  if (task) text = text.slice(task[0].length);
  const current = { id, task: task ? task[1] !== ' ' : null, content: text ? step(EMPTY, text) : EMPTY };
  return { current, contentIndent: lead + mark + padding };
}

function beginList(state: State, item: RegExpExecArray): State {
  const ordered = !!item[3];
  const list: OpenList = {
    kind: 'list',
    id: state.next,
    ordered,
    start: ordered ? Number(item[3]) : 1,
    items: [],
    marker: markerOf(item),
    blank: false,
    ...newItem(0, item),
  };
  return opened(state, list);
}

function inList(state: State, list: OpenList, line: string): State {
  if (BLANK.test(line)) return inItem(state, list, '', true);
  const indent = indentOf(line);
  if (indent >= list.contentIndent) return inItem(state, list, line.slice(list.contentIndent));
  const item = RULE.test(line) ? null : ITEM.exec(line);
  if (item && markerOf(item) === list.marker && !!item[3] === list.ordered) {
    const { current } = list;
    const items = [...list.items, { ...current, content: finish(current.content) }];
    return { ...state, open: { ...list, items, blank: false, ...newItem(current.id + 1, item) } as OpenList };
  }
  // Models often indent a nested list by two spaces where the number before it needs three.
  if (item && indent >= 2) return inItem(state, list, line.trimStart());
  if (!item && !list.blank && innermost(list.current.content)?.kind === 'flow' && !interrupts(line)) {
    return inItem(state, list, line.trimStart());
  }
  return begin(close(state), line);
}

function inItem(state: State, list: OpenList, line: string, blank = false): State {
  const current = { ...list.current, content: step(list.current.content, line) };
  return { ...state, open: { ...list, current, blank } as OpenList };
}
