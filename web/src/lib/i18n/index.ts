import { preferences, type Language } from '../state/preferences.svelte';
import en from './en.json';
import zh from './zh.json';

export type Key = keyof typeof zh;
type Catalogue = Record<Key, string>;
type Same = keyof typeof en extends Key ? Catalogue : never;

/** A key missing in either file does not compile. */
const CATALOGUES: Record<Language, Same> = { zh, en };
const LOCALES: Record<Language, string> = { zh: 'zh-CN', en: 'en' };

/** The text for `key` in the chosen language, with `{name}` places filled in. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const text = CATALOGUES[preferences.language][key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function isKey(key: string): key is Key {
  return key in zh;
}

function locale(): string {
  return LOCALES[preferences.language];
}

export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

export function percent(value: number): string {
  if (value > 0 && value < 0.0005) return '<0.1%';
  const digits = value > 0.0005 && value < 0.0995 ? 1 : 0;
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digits }).format(value);
}

export function money(amount: number, currency: string): string {
  const digits = amount !== 0 && amount < 0.1 ? 5 : 2;
  const style = { style: 'currency', currency, maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(locale(), style).format(amount);
}

export function bytes(size: number): string {
  if (size < 1000) return `${number(size)} B`;
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const power = Math.min(3, Math.floor(Math.log10(Math.max(1, size)) / 3));
  const unit = units[power] ?? 'byte';
  const style = { style: 'unit', unit, maximumFractionDigits: power > 2 ? 1 : 0 } as const;
  return new Intl.NumberFormat(locale(), style).format(size / 1000 ** power);
}

/** Tokens in a context: 32768 → 32K. */
export function contextLength(tokens: number): string {
  return tokens >= 1024 ? `${number(tokens / 1024, tokens % 1024 ? 1 : 0)}K` : number(tokens);
}

export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return t('stats.milliseconds', { value: number(milliseconds, milliseconds < 10 ? 1 : 0) });
  return t('stats.seconds', { value: number(milliseconds / 1000, milliseconds < 10_000 ? 1 : 0) });
}

/** Seconds, or minutes where they are many. */
export function timeSpan(seconds: number): string {
  const many = seconds >= 90;
  const style = { style: 'unit', unit: many ? 'minute' : 'second', maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(locale(), style).format(many ? seconds / 60 : seconds);
}

export function monthName(date: Date): string {
  const sameYear = date.getFullYear() === new Date().getFullYear();
  const style = sameYear ? ({ month: 'long' } as const) : ({ month: 'long', year: 'numeric' } as const);
  return new Intl.DateTimeFormat(locale(), style).format(date);
}

export function dateTime(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

/** How long ago, in days and larger units. */
export function ago(iso: string): string {
  const days = Math.max(0, (Date.now() - new Date(iso).getTime()) / 86_400_000);
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  if (days < 30) return format.format(-Math.floor(days), 'day');
  return days < 365 ? format.format(-Math.floor(days / 30), 'month') : format.format(-Math.floor(days / 365), 'year');
}
