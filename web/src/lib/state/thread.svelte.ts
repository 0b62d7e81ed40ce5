import { SvelteMap } from 'svelte/reactivity';
import { api, ApiError } from '../api/client';
import type { Conversation, ConversationChange, Feedback, Message, Overflow, Sampling } from '../api/types';
import { isKey, t, type Key } from '../i18n';
import { branchTo, defaultLeaf, indexChildren, newestLeaf, siblingsOf } from '../tree';
import { conversations } from './conversations.svelte';
import { LiveAnswer } from './live.svelte';
import { notices } from './notices.svelte';
import { load, save } from './storage';

export interface ChatSettings {
  model: string;
  system: string;
  sampling: Sampling;
  overflow: Overflow;
  collections: string[];
  memory: boolean;
  scenario: string | null;
}

const FRESH: ChatSettings = { model: '', system: '', sampling: {}, overflow: 'compact', collections: [], memory: true, scenario: null };

/** What was chosen; the rest has the defaults of the server, or of the scenario. */
function chosen(settings: ChatSettings): ConversationChange {
  const changed = Object.entries(settings).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(FRESH[name as keyof ChatSettings]));
  return Object.fromEntries(changed);
}

/** An error of the server in the reader's language where there is a text for it. */
export function explain(error: unknown): string {
  if (!(error instanceof ApiError)) throw error;
  const key = `error.${error.code}`;
  if (isKey(key)) return t(key);
  if (error.status === 429) return t('error.rate_limit');
  return error.message;
}

/** Why something cannot be shown: `missing` if it is not there, else what failed. */
export function unavailable(error: unknown, missing: Key): string {
  const gone = error instanceof ApiError && error.status === 404;
  return gone ? t(missing) : t('knowledge.failed', { message: explain(error) });
}

/** One conversation as the page shows it. Without `id` it is one that the first message will make. */
export class Thread {
  id = $state<string | null>(null);
  conversation = $state.raw<Conversation | null>(null);
  messages = $state.raw<ReadonlyMap<string, Message>>(new Map());
  leaf = $state<string | null>(null);
  settings = $state.raw<ChatSettings>(FRESH);
  state = $state<'ready' | 'loading' | 'missing' | 'failed'>('ready');
  /** The message to bring into view, found by a search. */
  target = $state<string | null>(null);
  /** A question on its way to the server, and the message it hangs under. */
  pending = $state<{ text: string; parent: string | null } | null>(null);
  live = new SvelteMap<string, LiveAnswer>();
  readonly index = $derived(indexChildren(this.messages.values()));
  readonly branch = $derived(branchTo(this.messages, this.pending ? this.pending.parent : this.leaf));
  readonly running = $derived(this.branch.find((m) => m.status === 'running') ?? null);

  constructor(
    id: string | null,
    scenario: string | null,
    private readonly oncreated: (thread: Thread, id: string) => void,
  ) {
    this.id = id;
    // A scenario brings its own settings.
    this.settings = scenario ? { ...FRESH, scenario } : { ...load('new-chat', FRESH), scenario: null };
    if (id) void this.load();
  }

  async load(): Promise<void> {
    if (!this.id) return;
    this.state = 'loading';
    try {
      const { conversation, messages } = await api.conversation(this.id);
      this.adopt(conversation);
      this.messages = new Map(messages.map((m) => [m.id, m]));
      const { leaf_id: leaf } = conversation;
      this.leaf = leaf && this.messages.has(leaf) ? leaf : defaultLeaf(messages);
      this.state = 'ready';
      if (this.target) this.seek(this.target);
      for (const message of messages) if (message.status === 'running') this.follow(message);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.state = error.status === 404 ? 'missing' : 'failed';
    }
  }

  /** Takes in what happened elsewhere (another tab, another device) and goes on along this branch. */
  async catchUp(): Promise<void> {
    const { id } = this;
    if (!id || this.pending || this.state !== 'ready') return;
    try {
      const { conversation, messages } = await api.conversation(id);
      if (this.pending) return;
      this.adopt(conversation);
      this.messages = new Map(messages.map((m) => [m.id, (this.live.has(m.id) && this.messages.get(m.id)) || m]));
      this.leaf = this.leaf && this.messages.has(this.leaf) ? newestLeaf(this.index, this.leaf) : defaultLeaf(messages);
      for (const message of messages) this.follow(message);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) this.state = 'missing';
    }
  }

  leave(): void {
    for (const answer of this.live.values()) answer.leave();
    this.live.clear();
  }

  siblings(message: Message): { position: number; siblings: Message[] } {
    return siblingsOf(this.index, message);
  }

  /** Writes `text` under `parent` and follows the answer; false if it could not be sent. */
  async ask(text: string, parent: string | null = this.branch.at(-1)?.id ?? null): Promise<boolean> {
    this.pending = { text, parent };
    try {
      const id = await this.exist();
      const { user, assistant } = await api.ask(id, text, parent);
      this.add(user, assistant);
      this.nameAfter(text);
      return true;
    } catch (error) {
      notices.error(t('connection.sendFailed', { message: explain(error) }));
      return false;
    } finally {
      this.pending = null;
    }
  }

  async regenerate(message: Message): Promise<void> {
    try {
      this.add((await api.regenerate(message.id)).assistant);
    } catch (error) {
      notices.error(t('connection.failed', { message: explain(error) }));
    }
  }

  async stop(): Promise<void> {
    const message = this.running;
    if (!message) return;
    try {
      await api.stop(message.id);
    } catch (error) {
      notices.error(t('connection.failed', { message: explain(error) }));
    }
  }

  /** Brings a message into view, on whatever branch it is. */
  seek(id: string): void {
    this.target = id;
    const message = this.messages.get(id);
    if (message && !this.branch.includes(message)) this.choose(message);
  }

  /** Shows the branch that goes through `message`. */
  choose(message: Message): void {
    this.leaf = newestLeaf(this.index, message.id);
    if (this.id) void api.changeConversation(this.id, { leaf_id: this.leaf }).catch(() => undefined);
  }

  async rate(message: Message, feedback: Feedback | null): Promise<void> {
    try {
      if (feedback) this.replace(await api.setFeedback(message.id, feedback));
      else {
        await api.clearFeedback(message.id);
        this.replace({ ...message, feedback: null });
      }
    } catch (error) {
      notices.error(t('connection.failed', { message: explain(error) }));
    }
  }

  async change(change: Partial<ChatSettings>): Promise<void> {
    this.settings = { ...this.settings, ...change };
    if (!this.id) {
      if (!this.settings.scenario) save('new-chat', this.settings);
    } else {
      const conversation = await conversations.change(this.id, change as ConversationChange);
      if (conversation) this.conversation = conversation;
    }
  }

  private async exist(): Promise<string> {
    if (this.id) return this.id;
    const conversation = await api.createConversation(chosen(this.settings));
    if (!this.settings.scenario) save('new-chat', { ...FRESH, model: this.settings.model });
    this.adopt(conversation);
    conversations.put(conversation);
    this.id = conversation.id;
    this.oncreated(this, conversation.id);
    return conversation.id;
  }

  /** Until the server says how it calls the conversation: the first words of the question. */
  private nameAfter(text: string): void {
    const { conversation } = this;
    if (!conversation || conversation.title) return;
    this.conversation = { ...conversation, title: text.split('\n', 1)[0]?.slice(0, 40) ?? '' };
    conversations.put(this.conversation);
  }

  private adopt(conversation: Conversation): void {
    const { model, system, sampling, overflow, collections = [], memory = true, scenario = null } = conversation;
    this.conversation = conversation;
    this.settings = { model, system, sampling, overflow, collections, memory, scenario };
  }

  private add(...messages: Message[]): void {
    this.messages = new Map([...this.messages, ...messages.map((m) => [m.id, m] as const)]);
    this.leaf = messages.at(-1)?.id ?? this.leaf;
    for (const message of messages) if (message.role === 'assistant') this.follow(message);
  }

  private replace(message: Message): void {
    this.messages = new Map(this.messages).set(message.id, message);
  }

  private follow(message: Message): void {
    if (message.status !== 'running' || this.live.has(message.id)) return;
    notices.announce(t('status.answering'));
    const answer = new LiveAnswer(message.id, message, {
      done: (final, conversation) => this.finished(final, conversation),
      lost: (error) => {
        this.live.delete(message.id);
        this.replace({ ...message, status: 'interrupted', error: error.message });
      },
    });
    this.live.set(message.id, answer);
  }

  private finished(message: Message, conversation: Conversation): void {
    this.replace(message);
    this.live.delete(message.id);
    this.conversation = conversation;
    conversations.put(conversation);
    const outcome = message.status === 'complete' ? 'answered' : message.status;
    const key = `status.${outcome}`;
    notices.announce(`${isKey(key) ? t(key) : ''} ${message.content.slice(0, 1000)}`);
    if (conversation.message_count <= 2) conversations.awaitTitle(conversation);
  }
}
