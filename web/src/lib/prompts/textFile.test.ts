import { expect, test } from 'vitest';
import { textOf } from './textFile';

function file(...bytes: number[]): File {
  return { size: bytes.length, arrayBuffer: async () => new Uint8Array(bytes).buffer } as unknown as File;
}

test('texts are read as they are written', async () => {
  expect(await textOf(file(...new TextEncoder().encode('你好\r\n'))).then((text) => text)).toBe('你好\n');
  expect(await textOf(file(0xc4, 0xe3, 0xba, 0xc3))).toBe('你好');
  expect(await textOf(file(0xff, 0xfe, 0x60, 0x4f))).toBe('你');
});

test('what is no text is none', async () => {
  expect(await textOf(file(0x25, 0x50, 0x44, 0x46, 0, 0xff))).toBeNull();
  expect(await textOf({ size: 1e9 } as File)).toBeNull();
});
