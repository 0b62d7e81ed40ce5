/** Bytes of a file that still is a text for a form. */
const MOST = 60_000_000;

/** The text of a file in UTF-8, UTF-16 or GB 18030; null if it is no text, or far too long. */
export async function textOf(file: File): Promise<string | null> {
  if (file.size > MOST) return null;
  const bytes = new Uint8Array(await file.arrayBuffer());
  for (const encoding of encodingsOf(bytes)) {
    const text = decoded(bytes, encoding);
    if (text !== null) return text.replace(/\r\n?/g, '\n');
  }
  return null;
}

function encodingsOf([first, second]: Uint8Array): string[] {
  if (first === 0xff && second === 0xfe) return ['utf-16le'];
  if (first === 0xfe && second === 0xff) return ['utf-16be'];
  return ['utf-8', 'gb18030'];
}

function decoded(bytes: Uint8Array, encoding: string): string | null {
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}
