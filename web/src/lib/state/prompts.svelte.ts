import { ApiError, json } from '../api/client';
import { prompts, type Filling, type Inputs, type Outcome, type Prompt, type PromptInput } from '../api/prompts';
import { t } from '../i18n';
import { faultsOf } from '../prompts/faults';
import { explain } from './thread.svelte';

export type Field = string | boolean;

/** What came of a run, what was asked, and the text that it was about. */
export interface Result {
  outcome: Outcome;
  filling: Filling;
  given: string;
}

/** The form of one prompt: what is filled in, whether it runs, what came of it. */
export class PromptRun {
  values = $state<Record<string, Field>>({});
  faults = $state.raw<Record<string, string>>({});
  problem = $state('');
  result = $state.raw<Result | null>(null);
  running = $state(false);
  private asked = new AbortController();
  private example = 0;

  constructor(readonly prompt: Prompt) {
    this.fill({});
  }

  /** Fills in what is given; the rest gets its default. */
  fill(given: Inputs): void {
    this.values = Object.fromEntries(this.prompt.inputs.map((input) => [input.name, fieldOf(input, given[input.name])]));
    this.faults = {};
  }

  /** Fills in the next of the prompt's own examples. */
  fillExample(): void {
    const { examples } = this.prompt;
    this.fill(examples[this.example++ % examples.length]?.inputs ?? {});
  }

  put(name: string, value: Field): void {
    this.values[name] = value;
    if (this.faults[name]) this.faults = { ...this.faults, [name]: '' };
  }

  async run(): Promise<void> {
    this.faults = missing(this.prompt, this.values);
    this.problem = '';
    if (Object.keys(this.faults).length > 0) return;
    const { signal } = (this.asked = new AbortController());
    const given = String(this.values[this.prompt.main ?? ''] ?? '');
    const filling = this.filling();
    Object.assign(this, { running: true, result: null });
    try {
      const outcome = await prompts.run(this.prompt.name, filling, signal);
      this.result = { outcome, filling, given };
    } catch (error) {
      if (!signal.aborted) this.failed(error);
    } finally {
      this.running = false;
    }
  }

  stop(): void {
    this.asked.abort();
  }

  /** Makes a conversation of what was asked and answered; its id. */
  async goOn({ outcome, filling }: Result): Promise<string> {
    const { prompt } = this;
    const { messages } = await prompts.render(prompt.name, filling);
    const said = (role: string): string => messages.findLast((one) => one.role === role)?.content ?? '';
    const { text, model } = outcome;
    const { conversation_ids: ids } = await json<{ conversation_ids: string[] }>('POST', '/api/import', {
      format: 'zaohua.conversation',
      version: 1,
      conversation: { id: `prompt-${Date.now()}-${Math.random()}`, title: prompt.title, system: said('system'), leaf_id: 'answer' },
      messages: [
        { id: 'question', role: 'user', content: said('user') },
        { id: 'answer', parent_id: 'question', role: 'assistant', content: text, model },
      ],
    });
    return ids[0] ?? '';
  }

  private filling(): Filling {
    const given = Object.entries(this.values).filter(([, value]) => value !== '');
    return { inputs: Object.fromEntries(given), language: this.prompt.language };
  }

  private failed(error: unknown): void {
    if (!(error instanceof ApiError) || error.code !== 'invalid_value') return void (this.problem = explain(error));
    const { fields, rest } = faultsOf(error.message, this.prompt.inputs.map((input) => input.name));
    this.faults = fields;
    this.problem = rest;
  }
}

const runs = new Map<string, PromptRun>();

/** The form of a prompt as it was left. */
export function runOf(prompt: Prompt): PromptRun {
  const key = `${prompt.name}.${prompt.language}.${JSON.stringify(prompt.inputs)}`;
  const known = runs.get(key) ?? new PromptRun(prompt);
  runs.set(key, known);
  return known;
}

function fieldOf(input: PromptInput, given: unknown): Field {
  const value = given ?? input.default;
  if (input.type === 'flag') return value === true;
  if (Array.isArray(value)) return value.join('\n');
  return value === null || value === undefined ? (input.choices[0] ?? '') : String(value);
}

function missing(prompt: Prompt, values: Record<string, Field>): Record<string, string> {
  const lacking = prompt.inputs.filter((input) => input.required && String(values[input.name] ?? '').trim() === '');
  return Object.fromEntries(lacking.map((input) => [input.name, t('fault.missing')]));
}
