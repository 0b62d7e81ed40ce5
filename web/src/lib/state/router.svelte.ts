/** Which conversation the address names: `/` is a new one, `/c/ID` an existing one. */
class Router {
  conversation = $state<string | null>(null);

  constructor() {
    this.read();
    addEventListener('popstate', () => this.read());
  }

  go(conversation: string | null, replace = false): void {
    const path = conversation ? `/c/${encodeURIComponent(conversation)}` : '/';
    if (path !== location.pathname) history[replace ? 'replaceState' : 'pushState'](null, '', path);
    this.conversation = conversation;
  }

  private read(): void {
    const found = /^\/c\/([^/]+)$/.exec(location.pathname);
    this.conversation = found?.[1] ? decodeURIComponent(found[1]) : null;
  }
}

export const router = new Router();
