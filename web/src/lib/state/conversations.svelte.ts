import { api, ApiError, conversationPath } from '../api/client';
import type { Conversation, ConversationChange, FoundConversation } from '../api/types';
import { t } from '../i18n';
import { Doomed } from './doomed';
import { notices } from './notices.svelte';

/** The list at the side: pages of it, search in it, changes to its entries. */
class Conversations {
  items = $state.raw<FoundConversation[]>([]);
  query = $state('');
  archived = $state(false);
  loaded = $state(false);
  cursor = $state<string | null>(null);
  private request = new AbortController();
  private timer = 0;
  private doomed = new Doomed(conversationPath, (id) => this.delete(id));

  async refresh(): Promise<void> {
    this.request.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    try {
      const page = await api.conversations({ q: this.query.trim(), archived: this.archived }, signal);
      this.items = page.items.filter((c) => !this.doomed.has(c.id));
      this.cursor = page.next_cursor;
      this.loaded = true;
      if (this.query.trim()) notices.announce(t('sidebar.results', { count: this.items.length }));
    } catch (error) {
      if (!signal.aborted && !(error instanceof ApiError)) throw error;
    }
  }

  search(query: string): void {
    this.query = query;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.refresh(), 180);
  }

  showArchived(archived: boolean): void {
    this.archived = archived;
    this.items = [];
    this.loaded = false;
    void this.refresh();
  }

  async more(): Promise<void> {
    const { cursor } = this;
    if (!cursor) return;
    this.cursor = null;
    const page = await api.conversations({ q: this.query.trim(), archived: this.archived, cursor });
    const known = new Set(this.items.map((c) => c.id));
    this.items = [...this.items, ...page.items.filter((c) => !known.has(c.id) && !this.doomed.has(c.id))];
    this.cursor = page.next_cursor;
  }

  /** Puts a changed or new conversation where it belongs. */
  put(conversation: Conversation): void {
    if (this.query.trim() || this.doomed.has(conversation.id)) return;
    const others = this.items.filter((c) => c.id !== conversation.id);
    const mine = conversation.archived === this.archived ? [conversation] : [];
    this.items = [...mine, ...others].sort(
      (a, b) => Number(b.pinned) - Number(a.pinned) || b.updated_at.localeCompare(a.updated_at),
    );
  }

  /** The server asks the model for a title when it is idle: look for it a few times. */
  awaitTitle(conversation: Conversation): void {
    for (const seconds of [1, 4, 12, 40]) {
      setTimeout(() => {
        const listed = this.items.find((c) => c.id === conversation.id);
        if (listed?.title === conversation.title && !this.query.trim()) void this.refresh();
      }, seconds * 1000);
    }
  }

  async change(id: string, change: ConversationChange): Promise<Conversation | null> {
    try {
      const conversation = await api.changeConversation(id, change);
      this.put(conversation);
      return conversation;
    } catch (error) {
      this.failed(error);
      return null;
    }
  }

  async retitle(id: string): Promise<Conversation | null> {
    try {
      const conversation = await api.makeTitle(id);
      this.put(conversation);
      return conversation;
    } catch (error) {
      this.failed(error);
      return null;
    }
  }

  /** Takes it out of sight now and deletes it when the time to undo is over. */
  remove(conversation: Conversation, title: string): void {
    this.items = this.items.filter((c) => c.id !== conversation.id);
    this.doomed.add(conversation.id, t('conversation.deleted', { title }), () => this.put(conversation));
  }

  private async delete(id: string): Promise<void> {
    await api.deleteConversation(id).catch((error: unknown) => this.failed(error));
  }

  private failed(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    notices.error(t('connection.failed', { message: error.message }));
    void this.refresh();
  }
}

export const conversations = new Conversations();
