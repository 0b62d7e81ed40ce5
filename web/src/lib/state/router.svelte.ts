import { viewOf, type View } from '../views';

/** What the address names: `/` a new conversation (`/?scenario=NAME` in a scenario), `/c/ID` an existing one, `#/…` a view over it. */
class Router {
  conversation = $state<string | null>(null);
  /** Of a new conversation. */
  scenario = $state<string | null>(null);
  view = $state.raw<View>({ name: 'chat' });

  constructor() {
    this.read();
    addEventListener('popstate', () => this.read());
  }

  go(conversation: string | null, scenario: string | null = null): void {
    const path = pathOf(conversation, scenario);
    if (path !== location.pathname + location.search || location.hash) history.pushState(null, '', path);
    this.conversation = conversation;
    this.scenario = scenario;
    this.view = { name: 'chat' };
  }

  private read(): void {
    const found = /^\/c\/([^/]+)$/.exec(location.pathname);
    this.conversation = found?.[1] ? decodeURIComponent(found[1]) : null;
    this.scenario = this.conversation ? null : new URLSearchParams(location.search).get('scenario');
    this.view = viewOf(location.hash);
  }
}

function pathOf(conversation: string | null, scenario: string | null): string {
  if (conversation) return `/c/${encodeURIComponent(conversation)}`;
  return scenario ? `/?scenario=${encodeURIComponent(scenario)}` : '/';
}

export const router = new Router();
