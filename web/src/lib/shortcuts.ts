import type { Key } from './i18n';
import { copyText } from './clipboard';
import { t } from './i18n';
import { notices } from './state/notices.svelte';
import { preferences } from './state/preferences.svelte';
import { workspace } from './state/workspace.svelte';

export interface Shortcut {
  keys: string[];
  label: Key;
  run?: () => void;
}

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
export const CONTROL = MAC ? '⌘' : 'Ctrl';

function focusSearch(): void {
  preferences.sidebar = true;
  if (matchMedia('(max-width: 768px)').matches) workspace.drawer = true;
  requestAnimationFrame(() => document.getElementById('search')?.focus());
}

function regenerate(): void {
  const last = workspace.thread.branch.findLast((m) => m.role === 'assistant');
  if (last && !workspace.thread.running) void workspace.thread.regenerate(last);
}

async function copyLast(): Promise<void> {
  const last = workspace.thread.branch.findLast((m) => m.role === 'assistant');
  if (last && (await copyText(last.content))) notices.show(t('message.copied'), { seconds: 2 });
}

function toggleSidebar(): void {
  if (matchMedia('(max-width: 768px)').matches) workspace.drawer = !workspace.drawer;
  else preferences.sidebar = !preferences.sidebar;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ['Enter'], label: 'shortcuts.send' },
  { keys: ['Shift', 'Enter'], label: 'shortcuts.newline' },
  { keys: ['↑'], label: 'shortcuts.edit' },
  { keys: ['Escape'], label: 'shortcuts.stop', run: () => void workspace.thread.stop() },
  { keys: ['Shift', 'Escape'], label: 'shortcuts.focus', run: () => workspace.focus() },
  { keys: [CONTROL, 'Shift', 'O'], label: 'shortcuts.new', run: () => workspace.open(null) },
  { keys: [CONTROL, 'K'], label: 'shortcuts.search', run: focusSearch },
  { keys: [CONTROL, 'Shift', 'Enter'], label: 'shortcuts.regenerate', run: regenerate },
  { keys: [CONTROL, 'Shift', '.'], label: 'shortcuts.copy', run: () => void copyLast() },
  { keys: [CONTROL, ','], label: 'shortcuts.settings', run: () => (workspace.dialog = 'settings') },
  { keys: [CONTROL, 'B'], label: 'shortcuts.sidebar', run: toggleSidebar },
  { keys: [CONTROL, 'Shift', 'L'], label: 'shortcuts.theme', run: () => preferences.toggleTheme() },
  { keys: ['?'], label: 'shortcuts.sheet', run: () => (workspace.dialog = 'shortcuts') },
];

/** What a key press asks for: `Ctrl+Shift+O`. Shift is left out where it only makes the character. */
function chordOf(event: KeyboardEvent): string {
  const parts = [];
  if (MAC ? event.metaKey : event.ctrlKey) parts.push(CONTROL);
  const key = event.code === 'Period' && event.shiftKey && parts.length > 0 ? '.' : event.key;
  if (event.shiftKey && key !== '?') parts.push('Shift');
  return [...parts, key.length === 1 ? key.toUpperCase() : key].join('+');
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}

/** Runs the shortcut a key press stands for; leaves input methods and open dialogs alone. */
export function handleShortcut(event: KeyboardEvent): void {
  if (event.isComposing || event.keyCode === 229 || event.altKey || event.defaultPrevented) return;
  if (document.querySelector('dialog[open], [popover]:popover-open')) return;
  const chord = chordOf(event);
  if (chord === '?' && typing(event.target)) return;
  const found = SHORTCUTS.find((shortcut) => shortcut.run && shortcut.keys.join('+') === chord);
  if (!found?.run) return;
  event.preventDefault();
  found.run();
}
