import { ApiError } from '../api/client';
import { knowledge, type Collection, type KnowledgeFile, type KnowledgeProgress } from '../api/knowledge';
import { explain } from './thread.svelte';

/** Milliseconds between looks while the server works, and while only somebody else may. */
const [SOON, LATER] = [700, 5000];

/** Asks again and again while something is left to do, and only while the page is looked at. */
class Poll {
  private timer = 0;

  again(run: () => Promise<void>, collections: readonly Collection[], progress: KnowledgeProgress): void {
    clearTimeout(this.timer);
    if (!collections.some(unfinished)) return;
    const pause = progress.embedding || collections.some((one) => one.waiting > 0) ? SOON : LATER;
    const look = (): void => (document.hidden ? this.again(run, collections, progress) : void run());
    this.timer = window.setTimeout(look, pause);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

function unfinished(collection: Collection): boolean {
  return collection.waiting > 0 || collection.embedded < collection.passages;
}

/** All collections, and how far the server is. */
export class Shelves {
  items = $state.raw<Collection[] | null>(null);
  progress = $state.raw<KnowledgeProgress | null>(null);
  problem = $state('');
  private poll = new Poll();

  async load(): Promise<void> {
    try {
      const [{ items }, progress] = await Promise.all([knowledge.collections(), knowledge.progress()]);
      Object.assign(this, { items, progress, problem: '' });
      this.poll.again(() => this.load(), items, progress);
    } catch (error) {
      this.problem = explain(error);
    }
  }

  leave(): void {
    this.poll.stop();
  }
}

/** A file on its way to the server; `problem` says why it did not get there. */
export interface Sending {
  file: File;
  share: number;
  problem: string;
}

/** One collection with its files. */
export class Shelf {
  collection = $state.raw<Collection | null>(null);
  files = $state.raw<KnowledgeFile[]>([]);
  progress = $state.raw<KnowledgeProgress | null>(null);
  sending = $state<Sending[]>([]);
  problem = $state('');
  missing = $state(false);
  private poll = new Poll();
  private queue: Promise<void> = Promise.resolve();

  constructor(readonly name: string) {}

  async load(): Promise<void> {
    try {
      const { name } = this;
      const asked = [knowledge.collection(name), knowledge.files(name), knowledge.progress()] as const;
      const [told, { items: files }, progress] = await Promise.all(asked);
      // The list of files may be older than the figures: what it says is waiting is looked at again.
      const waiting = Math.max(told.waiting, files.filter((file) => file.waiting).length);
      const collection = { ...told, waiting };
      Object.assign(this, { collection, files, progress, problem: '' });
      this.poll.again(() => this.load(), [collection], progress);
    } catch (error) {
      this.missing = error instanceof ApiError && error.status === 404;
      this.problem = explain(error);
    }
  }

  leave(): void {
    this.poll.stop();
  }

  /** Sends files one after the other, so that one that is refused holds up no other. */
  send(files: readonly File[]): void {
    this.sending = this.sending.filter((one) => one.problem === '');
    for (const file of files) {
      this.sending.push({ file, share: 0, problem: '' });
      const told = this.sending.at(-1);
      if (told) this.queue = this.queue.then(() => this.sendOne(told));
    }
  }

  private async sendOne(told: Sending): Promise<void> {
    const most = this.progress?.max_upload_bytes ?? Infinity;
    try {
      // The server would close the connection before it could say why.
      if (told.file.size > most) throw new ApiError('too large', 413, 'request_too_large');
      await knowledge.upload(this.name, told.file, (share) => (told.share = share));
      this.sending = this.sending.filter((one) => one !== told);
    } catch (error) {
      told.problem = explain(error);
    }
    await this.load();
  }
}
