import { describe, expect, it } from 'vitest';
import type { Neighbourhood, Relation } from '../api/graph';
import { fitted, layout, MOST_DRAWN, neighboursOf, type Box } from './layout';

const NOWHERE = { passage: null, document: null, start: null, end: null, valid_from: '', valid_to: '', confidence: 1 };

function relation(subject: string, name: string, object: string): Relation {
  return { subject, relation: name, object, ...NOWHERE };
}

function around(relations: Relation[]): Neighbourhood {
  const names = [...new Set(['中', ...relations.flatMap((one) => [one.subject, one.object])])];
  const entities = names.map((name) => ({ name, kind: '', names: [name], value: /^\d/.test(name), relations: 1 }));
  return { name: '中', entities, relations, cut: false };
}

const SOME = around([
  relation('甲', '创立', '中'),
  relation('中', '成立于', '2015'),
  relation('中', '位于', '乙'),
  relation('中', '属于', '乙'),
  relation('乙', '管理', '中'),
]);

function apart(boxes: readonly Box[]): boolean {
  return boxes.every((a, i) =>
    boxes.slice(i + 1).every((b) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y),
  );
}

describe('the things around one', () => {
  it('come once each, with all that is said, values last', () => {
    const told = neighboursOf(SOME).map((one) => [one.thing.name, one.relations.length, one.incoming]);
    expect(told).toEqual([['甲', 1, true], ['乙', 3, false], ['2015', 1, false]]);
  });

  it('come last where they are only named together', () => {
    const together = { ...relation('中', '一同提到', '丙'), confidence: 0.25 };
    const told = neighboursOf(around([together, relation('中', '成立于', '2015'), relation('中', '位于', '乙')]));
    expect(told.map((one) => [one.thing.name, one.vague])).toEqual([['乙', false], ['2015', false], ['丙', true]]);
  });

  it.each([340, 560, 736, 1200])('stand apart, within %i pixels, always in the same places', (width) => {
    const many = around(Array.from({ length: 40 }, (_, n) => (n % 3 ? relation('中', '有', `物${n}`) : relation(`物${n}`, '属于', '中'))));
    for (const one of [SOME, many, around([])]) {
      const drawing = layout(neighboursOf(one), width);
      const boxes = [drawing.centre, ...drawing.neighbours.map((placed) => placed.box)];
      expect(drawing.neighbours.length).toBeLessThanOrEqual(MOST_DRAWN);
      expect(apart(boxes)).toBe(true);
      for (const box of boxes) {
        expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0);
        expect([box.x + box.width <= width, box.y + box.height <= drawing.height]).toEqual([true, true]);
      }
      expect(layout(neighboursOf(one), width)).toEqual(drawing);
    }
  });
});

it('cuts what is too wide', () => {
  expect([fitted('青禾科技', 60, 14), fitted('青禾科技有限公司', 60, 14), fitted('Alder Works', 100, 14)]).toEqual(['青禾科技', '青禾科…', 'Alder Works']);
});
