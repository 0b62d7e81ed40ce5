/** How far the source is searched for a character that is shown: longer than any link's address. */
const REACH = 400;

/**
 * For each character shown, its place in the Markdown it was made from; -1 where there is none.
 * What is shown is the source without its marks, so both are gone through side by side.
 */
export function align(shown: string, source: string): Int32Array {
  const places = new Int32Array(shown.length).fill(-1);
  let at = 0;
  for (let i = 0; i < shown.length; i++) {
    const character = shown.charAt(i);
    if (/\s/.test(character)) continue;
    const found = source.indexOf(character, at);
    if (found < 0 || found - at > REACH) continue;
    places[i] = found;
    at = found + 1;
  }
  return places;
}

/** Places counted in code points, as the server counts, in the units of a JavaScript string. */
export function unitsOf(text: string, points: readonly number[]): number[] {
  const wanted = [...new Set(points)].sort((a, b) => a - b);
  const units = new Map<number, number>();
  let [point, unit] = [0, 0];
  for (const character of text) {
    while (wanted[0] === point) units.set(wanted.shift() ?? 0, unit);
    point++;
    unit += character.length;
  }
  return points.map((place) => units.get(place) ?? unit);
}
