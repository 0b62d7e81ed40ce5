import { load, save } from './storage';

interface Draft {
  text: string;
}

const name = (conversation: string | null): string => `draft.${conversation ?? 'new'}`;

/** What was typed and not sent in a conversation (null: a new one). */
export function draftOf(conversation: string | null): string {
  return load<Draft>(name(conversation), { text: '' }).text;
}

export function keepDraft(conversation: string | null, text: string): void {
  save(name(conversation), text ? { text } : null);
}
