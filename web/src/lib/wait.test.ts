import { expect, test } from 'vitest';
import type { Told } from './wait';
import { waitOf } from './wait';

const reading = (processed: number, at: number, seconds: number | null = null, cached = 0): Told => ({
  progress: { total: 1000, cached, processed, seconds },
  at,
});

test('a short wait says nothing, a longer one that it is prepared', () => {
  expect(waitOf(0, null, null, 500).stage).toBe('quiet');
  expect(waitOf(0, null, null, 1500)).toEqual({ stage: 'preparing', share: 0, left: null });
});

test('in the queue the predicted time runs down', () => {
  const told = { progress: { seconds: 12 }, at: 1000 };
  expect(waitOf(0, null, told, 4000)).toEqual({ stage: 'queue', share: 0, left: 9 });
  expect(waitOf(0, null, told, 14000).left).toBeNull();
});

test('an engine that tells how far it is', () => {
  const [first, last] = [reading(0, 0), reading(250, 2000)];
  expect(waitOf(0, first, last, 2000)).toEqual({ stage: 'reading', share: 0.25, left: 6 });
  expect(waitOf(0, first, last, 4000).left).toBe(4);
  expect(waitOf(0, first, reading(250, 2000, 9), 3000).left).toBe(8);
});

test('one that tells nothing until it has read all', () => {
  const told = reading(0, 0, 10);
  expect(waitOf(0, told, told, 0)).toEqual({ stage: 'reading', share: 0, left: 10 });
  expect(waitOf(0, told, told, 5000)).toEqual({ stage: 'reading', share: 0.5, left: 5 });
  expect(waitOf(0, told, told, 60000).share).toBeLessThan(1);
  const cached = reading(800, 0, 4, 800);
  expect(waitOf(0, cached, cached, 2000).share).toBeCloseTo(0.5);
});

test('all is read: it writes', () => {
  expect(waitOf(0, reading(0, 0), reading(1000, 5000), 9000)).toEqual({ stage: 'writing', share: 1, left: null });
});
