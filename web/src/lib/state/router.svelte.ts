import { viewOf, type View } from '../views';

/** What the address names: `/` a new conversation, `/c/ID` an existing one, `#/…` a view over it. */
class Router {
  conversation = $state<string | null>(null);
  view = $state.raw<View>({ name: 'chat' });

  constructor() {
    this.read();
    addEventListener('popstate', () => this.read());
  }

  go(conversation: string | null, replace = false): void {
    const path = pathOf(conversation);
    if (path !== location.pathname || location.hash) history[replace ? 'replaceState' : 'pushState'](null, '', path);
    this.conversation = conversation;
    this.view = { name: 'chat' };
  }

  private read(): void {
    const found = /^\/c\/([^/]+)$/.exec(location.pathname);
    this.conversation = found?.[1] ? decodeURIComponent(found[1]) : null;
    this.view = viewOf(location.hash);
  }
}

function pathOf(conversation: string | null): string {
  return conversation ? `/c/${encodeURIComponent(conversation)}` : '/';
}

export const router = new Router();
