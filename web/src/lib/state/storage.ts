/** localStorage that never throws: private windows and full disks only lose the convenience. */

const PREFIX = 'zaohua.';

export function load<T extends object>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    const value: unknown = text ? JSON.parse(text) : null;
    return value && typeof value === 'object' ? { ...fallback, ...value } : fallback;
  } catch {
    return fallback;
  }
}

export function save(name: string, value: object | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch (error) {
    console.warn('not kept in this browser', error);
  }
}
