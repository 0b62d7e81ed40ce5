import { describe, expect, it } from 'vitest';
import { preferences } from '../state/preferences.svelte';
import { bytes, contextLength, duration, t } from '.';
import en from './en.json';
import zh from './zh.json';

const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map((m) => m[0]).sort();

describe('catalogues', () => {
  it('hold the same keys, with the same places', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
    for (const key of Object.keys(zh) as (keyof typeof zh)[]) expect([key, places(en[key])]).toEqual([key, places(zh[key])]);
  });
  it('leave nothing empty', () => {
    for (const text of [...Object.values(zh), ...Object.values(en)]) expect(text.trim()).not.toBe('');
  });
  it('hold no text in the other language', () => {
    for (const text of Object.values(en)) expect(text).not.toMatch(/[\u4e00-\u9fff]/);
  });
  it('use only keys that the sources ask for', () => {
    const sources = import.meta.glob('../../**/*.{ts,svelte}', { query: '?raw', import: 'default', eager: true });
    const code = Object.values(sources).join('\n');
    const built = /^(starter|trace|settings|feedback|error|model|status|note|group|preferences|shortcuts|memory\.kind|scenarios\.grounding|sources\.kind|teams\.(?:by|limit|limited|message|state|turn))\./;
    const unused = Object.keys(zh).filter((key) => !built.test(key) && !code.includes(`'${key}'`));
    expect(unused).toEqual([]);
  });
});

it('fills in and follows the language', () => {
  preferences.language = 'en';
  expect(t('sidebar.results', { count: 3 })).toBe('3 results');
  expect([contextLength(32768), duration(350), duration(2500), bytes(491_400_064)]).toEqual(['32K', '350 ms', '2.5 s', '491 MB']);
  preferences.language = 'zh';
  expect(t('sidebar.results', { count: 3 })).toBe('3 条结果');
});
