import type { Citation, Claim } from '../api/types';
import { documentLink } from '../views';
import { align, unitsOf } from './align';

export interface Evidence {
  content: string;
  citations: readonly Citation[];
  claims: readonly Claim[];
  /** What a link to a source is called. */
  label: (citation: Citation) => string;
  /** Id of the element that says what is wrong with claim `index`. */
  reason: (index: number) => string;
}

/** Part of the shown text that becomes an element. */
interface Piece {
  start: number;
  end: number;
  make: () => HTMLElement;
}

const CITED = /\[\s*\d{1,3}(?:\s*[,，、]\s*\d{1,3})*\s*\]/g;
const UNTOUCHED = 'figure, math, .math, code, a, button, svg';

/**
 * Makes `[1]` in a finished answer a link to its source and underlines what no source says.
 * Gives back a function that undoes it.
 */
export function annotate(place: HTMLElement, evidence: Evidence): () => void {
  const texts = textsOf(place);
  const shown = texts.map((node) => node.data).join('');
  const undo = [
    ...cut(texts, unsupported(shown, evidence)),
    ...cut(textsOf(place), links(shown, evidence.citations, evidence.label)),
  ];
  return () => undo.reverse().forEach((run) => run());
}

function textsOf(place: HTMLElement): Text[] {
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement?.closest(UNTOUCHED) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  const found: Text[] = [];
  while (walker.nextNode()) found.push(walker.currentNode as Text);
  return found;
}

function links(shown: string, citations: readonly Citation[], label: Evidence['label']): Piece[] {
  const known = new Map(citations.map((citation) => [citation.number, citation]));
  const pieces: Piece[] = [];
  for (const group of shown.matchAll(CITED)) {
    const numbers = [...group[0].matchAll(/\d+/g)].map((found) => Number(found[0]));
    const sources = numbers.map((number) => known.get(number)).filter((one) => one !== undefined);
    if (sources.length !== numbers.length) continue;
    const make = (): HTMLElement => chips(sources, label);
    pieces.push({ start: group.index, end: group.index + group[0].length, make });
  }
  return pieces;
}

function chips(sources: readonly Citation[], label: Evidence['label']): HTMLElement {
  const group = document.createElement('span');
  group.className = 'cites';
  for (const citation of sources) {
    group.append(chip(citation, label(citation)));
  }
  return group;
}

/** A link to the place; what has no document stands in the list of sources alone. */
function chip(citation: Citation, label: string): HTMLElement {
  const { document: source, number } = citation;
  const made = document.createElement(source === null ? 'span' : 'a');
  made.className = 'cite';
  made.textContent = String(number);
  if (made instanceof HTMLAnchorElement && source !== null) {
    made.href = documentLink(source, citation);
    made.setAttribute('aria-label', label);
  } else made.title = label;
  return made;
}

function unsupported(shown: string, { content, claims, reason }: Evidence): Piece[] {
  const places = align(shown, content);
  const units = unitsOf(content, claims.flatMap(({ start, end }) => [start, end]));
  return claims.flatMap((claim, index) => {
    const [from = 0, to = 0] = units.slice(2 * index, 2 * index + 2);
    if (claim.verdict !== 'unsupported') return [];
    const start = places.findIndex((place) => place >= from && place < to);
    const end = places.findLastIndex((place) => place >= from && place < to) + 1;
    return start < 0 ? [] : [{ start, end, make: () => underline(reason(index)) }];
  });
}

function underline(reason: string): HTMLElement {
  const mark = document.createElement('mark');
  mark.className = 'unsupported';
  mark.tabIndex = 0;
  mark.setAttribute('aria-describedby', reason);
  return mark;
}

/** Puts each piece of the text into its element; where it lies in several nodes only the first can be focused. */
function cut(texts: readonly Text[], pieces: readonly Piece[]): (() => void)[] {
  const undo: (() => void)[] = [];
  let offset = 0;
  let queue = [...pieces].sort((a, b) => a.start - b.start);
  const begun = new Set<Piece>();
  for (const node of texts) {
    const length = node.data.length;
    let rest = node;
    let at = offset;
    for (const piece of queue) {
      const start = Math.max(piece.start, at);
      const end = Math.min(piece.end, offset + length);
      if (start >= end) continue;
      const middle = start > at ? rest.splitText(start - at) : rest;
      if (end < offset + length) rest = middle.splitText(end - start);
      at = end;
      if (middle.data.trim()) undo.push(wrap(middle, piece.make(), begun.has(piece)));
      begun.add(piece);
    }
    offset += length;
    queue = queue.filter((piece) => piece.end > offset);
  }
  return undo;
}

function wrap(node: Text, element: HTMLElement, again: boolean): () => void {
  const { parentNode } = node;
  node.replaceWith(element);
  if (element.childNodes.length === 0) element.append(node);
  if (again) element.removeAttribute('tabindex');
  return () => {
    element.replaceWith(node);
    parentNode?.normalize();
  };
}
