import { t, type Key } from '../i18n';

/** What the readers say of files they cannot read, by the words they say it with. */
const KNOWN: readonly (readonly [RegExp, Key])[] = [
  [/^empty file$/, 'reason.empty'],
  [/^locked with a password$/, 'reason.locked'],
  [/^no text layer/, 'reason.scan'],
  [/^(?:no text in it|no records in it)$/, 'reason.noText'],
  [/^unknown format (\S+?):/, 'reason.format'],
  [/needs the '(\w+)' extra/, 'reason.extra'],
  [/^(\S+ MB) is over the limit of (\S+ MB)$/, 'reason.large'],
  [/^damaged/, 'reason.damaged'],
  [/holds no text to read$/, 'reason.binary'],
];

/** Why a file was not read, in the reader's language; in the server's words where there are no others. */
export function reasonOf(reason: string): string {
  for (const [words, key] of KNOWN) {
    const found = words.exec(reason);
    if (found) return t(key, { first: found[1] ?? '', second: found[2] ?? '' });
  }
  return reason;
}
