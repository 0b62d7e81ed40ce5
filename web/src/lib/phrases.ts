import { preferences } from './state/preferences.svelte';

/** Words of the server, which are English, and the same in Chinese. */
export type Phrases = readonly (readonly [RegExp, string])[];

/** `said` in the language of the page, as far as it is known. */
export function inLanguage(said: string, phrases: Phrases): string {
  if (preferences.language !== 'zh') return said;
  return phrases.reduce((text, [english, chinese]) => text.replace(english, chinese), said);
}
