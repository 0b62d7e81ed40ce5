import { t, type Key } from '../i18n';

/** What the server says of an input, by the words it says it with. */
const KNOWN: readonly (readonly [RegExp, Key])[] = [
  [/^is (?:missing|empty)$/, 'fault.missing'],
  [/^must be a number$/, 'fault.number'],
  [/^must be (\S+) at least$/, 'fault.least'],
  [/^must be (\S+) at most$/, 'fault.most'],
  [/^may have (\S+) characters at most$/, 'fault.long'],
  [/^may have (\S+) items at most$/, 'fault.items'],
];

/** The name of the prompt, and the command that lists its inputs. */
const WHERE = / \(prompt '[^']*'\)(?:: '[^']*' lists its inputs)?$/;

export interface Faults {
  /** By the name of an input. */
  fields: Record<string, string>;
  /** What belongs to no input. */
  rest: string;
}

/** Takes apart what the server says of the inputs of a prompt, in the reader's language. */
export function faultsOf(message: string, inputs: readonly string[]): Faults {
  const fields: Record<string, string> = {};
  const rest: string[] = [];
  for (const said of message.replace(WHERE, '').split('; ')) {
    const [, name = '', what = ''] = /^(\w+) (.+)$/su.exec(said) ?? [];
    if (inputs.includes(name)) fields[name] = told(what);
    else rest.push(said);
  }
  return { fields, rest: rest.join('; ') };
}

function told(what: string): string {
  for (const [words, key] of KNOWN) {
    const found = words.exec(what);
    if (found) return t(key, { value: found[1] ?? '' });
  }
  return what;
}
