export interface Notice {
  id: number;
  text: string;
  kind: 'info' | 'error';
  action?: { label: string; run: () => void };
}

/** Short notices at the edge of the page, and the polite line for screen readers. */
class Notices {
  shown = $state<Notice[]>([]);
  /** Read out by screen readers, not shown. */
  status = $state('');
  private next = 0;

  show(text: string, options: { kind?: Notice['kind']; action?: Notice['action']; seconds?: number } = {}): number {
    const id = this.next++;
    const notice: Notice = { id, text, kind: options.kind ?? 'info' };
    if (options.action) notice.action = options.action;
    this.shown = [...this.shown.slice(-2), notice];
    setTimeout(() => this.dismiss(id), (options.seconds ?? (notice.kind === 'error' ? 10 : 4)) * 1000);
    return id;
  }

  error(text: string): void {
    this.show(text, { kind: 'error' });
  }

  dismiss(id: number): void {
    this.shown = this.shown.filter((notice) => notice.id !== id);
  }

  announce(text: string): void {
    this.status = text;
  }
}

export const notices = new Notices();
