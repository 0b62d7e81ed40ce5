import { describe, expect, it } from 'vitest';
import { diff, keptShare, type Change } from './diff';

/** As `他[-因-][+应+]该`. */
function written(changes: readonly Change[]): string {
  const marks = { same: ['', ''], removed: ['[-', '-]'], added: ['[+', '+]'] } as const;
  return changes.map(({ kind, text }) => `${marks[kind][0]}${text}${marks[kind][1]}`).join('');
}

function whole(changes: readonly Change[], kind: 'removed' | 'added'): string {
  return changes.filter((one) => one.kind === 'same' || one.kind === kind).map((one) => one.text).join('');
}

const CASES: readonly [string, string, string][] = [
  ['他因该知到，这件事以经做完了', '他应该知道，这件事已经做完了', '他[-因-][+应+]该知[-到-][+道+]，这件事[-以-][+已+]经做完了'],
  ['She go to school.', 'She goes to school.', 'She [-go-][+goes+] to school.'],
  ['一。二。三。', '一。三。', '一。[-二。-]三。'],
  ['', '新的', '[+新的+]'],
  ['旧的', '', '[-旧的-]'],
  ['一样', '一样', '一样'],
  ['the big red house', 'a small green house', '[-the big red-][+a small green+] house'],
  ['a😀b', 'a😎b', 'a[-😀-][+😎+]b'],
];

describe('what was changed', () => {
  it.each(CASES)('%s → %s', (before, after, expected) => expect(written(diff(before, after))).toBe(expected));

  it('puts both texts together again', () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const text = (): string => Array.from({ length: 40 * random() }, () => '一二三ab 。\n'.charAt(8 * random())).join('');
    for (let i = 0; i < 300; i++) {
      const [before, after] = [text(), text()];
      const changes = diff(before, after);
      expect([whole(changes, 'removed'), whole(changes, 'added')]).toEqual([before, after]);
    }
  });

  it('is quick with long texts, alike or not', () => {
    const long = Array.from({ length: 2000 }, (_, n) => `第${n}句写得不短，还有${n * 7}个字。`).join('');
    const begin = performance.now();
    const some = long.replace(/第(\d*7)句写得不短/g, '第$1句写得很长');
    expect(diff(long, some).filter((one) => one.kind === 'added')).toHaveLength(200);
    const other = diff(long, 'x '.repeat(20_000));
    expect(performance.now() - begin).toBeLessThan(4000);
    expect([keptShare(diff(long, long)), Math.round(keptShare(other))]).toEqual([1, 0]);
  });
});
