import { api, ApiError, whenUnauthorised } from '../api/client';
import type { Model, Session } from '../api/types';

/** Who is here, which models there are, and whether the server can be reached. */
class SessionState {
  session = $state.raw<Session | null>(null);
  models = $state.raw<Model[]>([]);
  /** The last attempt to reach the server failed. */
  unreachable = $state(false);
  needsKey = $state(false);

  constructor() {
    whenUnauthorised(() => (this.needsKey = true));
  }

  async start(): Promise<boolean> {
    try {
      this.session = await api.session();
    } catch (error) {
      this.unreachable = error instanceof ApiError && error.status === 0;
      return false;
    }
    this.unreachable = false;
    this.needsKey = this.session.key_required && !this.session.signed_in;
    if (!this.needsKey) await this.loadModels();
    return !this.needsKey;
  }

  async loadModels(): Promise<void> {
    try {
      this.models = (await api.models()).items;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** The model that answers where a conversation names none. */
  get defaultModel(): string {
    return this.session?.default_model ?? this.models.find((m) => m.default)?.name ?? '';
  }

  modelNamed(name: string): Model | undefined {
    return this.models.find((model) => model.name === (name || this.defaultModel));
  }
}

export const session = new SessionState();
