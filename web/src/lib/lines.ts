/** Where line `line`, from 1, begins in `text`; its end if there is none. */
export function lineStart(text: string, line: number): number {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return text.length + 1;
    start = end + 1;
  }
  return start;
}

/** How far the line at `place` is indented, as text; what stands behind `place` does not count. */
export function indentAt(text: string, place: number): string {
  const line = text.slice(text.lastIndexOf('\n', place - 1) + 1, place);
  return /^ */.exec(line)?.[0] ?? '';
}
