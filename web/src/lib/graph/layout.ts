import { TOGETHER, type Neighbourhood, type Relation, type Thing } from '../api/graph';

/** A thing beside the one in the middle, and what is said of the two. */
export interface Neighbour {
  thing: Thing;
  relations: Relation[];
  /** The one in the middle is the object of all of them. */
  incoming: boolean;
  /** No more is known than that they are named together. */
  vague: boolean;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Placed extends Neighbour {
  box: Box;
  /** Baselines of the labels, one for each relation, and where they begin and end. */
  labels: { x: number; width: number; y: number }[];
  /** From the middle to the neighbour. */
  line: string;
}

export interface Drawing {
  width: number;
  height: number;
  centre: Box;
  neighbours: Placed[];
}

/** Things that are drawn; the list beside the drawing has them all. */
export const MOST_DRAWN = 24;
const NARROW = 560;
const [BOX, LINE, GAP, BEND] = [34, 16, 12, 36] as const;
/** Sizes of letters: names, and what is said. */
export const [LARGE, SMALL] = [14, 12] as const;

/** The things around the first one, in the order they are spoken of; numbers and days last, then what is vague. */
export function neighboursOf(found: Neighbourhood): Neighbour[] {
  const things = new Map(found.entities.map((thing) => [thing.name, thing]));
  const around = new Map<string, Neighbour>();
  for (const relation of found.relations) {
    const incoming = relation.object === found.name;
    const name = incoming ? relation.subject : relation.object;
    const thing = things.get(name);
    if (!thing || name === found.name) continue;
    const known = around.get(name) ?? { thing, relations: [], incoming: true, vague: true };
    known.relations.push(relation);
    known.incoming &&= incoming;
    known.vague &&= relation.confidence <= TOGETHER;
    around.set(name, known);
  }
  const rank = (one: Neighbour): number => Number(one.thing.value) + 2 * Number(one.vague);
  return [...around.values()].sort((a, b) => rank(a) - rank(b));
}

/**
 * Places for a drawing of `width` pixels: what points at the thing in the middle stands left of it,
 * what it points at right of it, so that relations read from left to right. On a narrow screen all stand below it.
 */
export function layout(around: readonly Neighbour[], width: number, name = ''): Drawing {
  const drawn = around.slice(0, MOST_DRAWN);
  return width < NARROW ? below(drawn, width) : beside(drawn, width, widthOf(name, LARGE) + 26);
}

function beside(around: readonly Neighbour[], width: number, wanted: number): Drawing {
  const sides = [around.filter((one) => one.incoming), around.filter((one) => !one.incoming)] as const;
  const height = Math.max(BOX + 2 * GAP, ...sides.map(heightOf));
  const size = Math.min(190, width * 0.21);
  const middle = Math.min(Math.max(60, wanted), size);
  const both = sides.every((side) => side.length > 0);
  const x = both ? (width - middle) / 2 : sides[0].length > 0 ? width - middle : 0;
  const centre = { x, y: (height - BOX) / 2, width: middle, height: BOX };
  const column = (side: readonly Neighbour[], at: number): Placed[] => {
    let y = (height - heightOf(side)) / 2;
    return side.map((one) => {
      const box = { x: at, y: y + (rowOf(one) - BOX) / 2, width: size, height: BOX };
      y += rowOf(one);
      return { ...one, box, ...joined(centre, box, one.relations.length) };
    });
  };
  return { width, height, centre, neighbours: [...column(sides[0], 0), ...column(sides[1], width - size)] };
}

function below(around: readonly Neighbour[], width: number): Drawing {
  const centre = { x: 0, y: 0, width: Math.min(220, width), height: BOX };
  const [stem, left] = [16, 40];
  let y = BOX + GAP;
  const neighbours = around.map((one) => {
    const labels = one.relations.map((_, i) => ({ x: left, width: width - left, y: y + LINE * (i + 1) - 3 }));
    const box = { x: left, y: y + LINE * one.relations.length + 4, width: Math.min(260, width - left), height: BOX };
    y = box.y + BOX + GAP;
    const middle = box.y + BOX / 2;
    return { ...one, box, labels, line: `M${stem} ${BOX}V${middle - 8}q0 8 8 8H${left}` };
  });
  return { width, height: y, centre, neighbours };
}

/** A curve that ends in a level piece, on which the labels stand. */
function joined(centre: Box, box: Box, count: number): Pick<Placed, 'labels' | 'line'> {
  const right = box.x > centre.x;
  const from = { x: right ? centre.x + centre.width : centre.x, y: centre.y + BOX / 2 };
  const to = { x: right ? box.x : box.x + box.width, y: box.y + BOX / 2 };
  const turn = from.x + (right ? BEND : -BEND);
  const middle = (from.x + turn) / 2;
  const x = Math.min(turn, to.x) + 6;
  const labels = Array.from({ length: count }, (_, i) => ({ x, width: Math.abs(to.x - turn) - 14, y: to.y - 5 - LINE * (count - 1 - i) }));
  return { labels, line: `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${turn} ${to.y}H${to.x}` };
}

function rowOf(one: Neighbour): number {
  return Math.max(BOX, 2 * LINE * one.relations.length) + GAP;
}

function heightOf(side: readonly Neighbour[]): number {
  return side.reduce((sum, one) => sum + rowOf(one), 0);
}

function widthOf(text: string, size: number): number {
  return [...text].reduce((sum, character) => sum + size * partOf(character), 0);
}

/** Of the size of its letters, how wide a character is: a Chinese one as wide as high. */
function partOf(character: string): number {
  return /[\u2e80-\uffef]/u.test(character) ? 1 : 0.56;
}

/** `text` cut to `width` pixels. */
export function fitted(text: string, width: number, size: number): string {
  let left = width / size;
  let kept = '';
  for (const character of text) {
    left -= partOf(character);
    if (left < 0) return `${kept.slice(0, -1)}…`;
    kept += character;
  }
  return text;
}
