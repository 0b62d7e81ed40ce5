import { json } from './client';

type Bilingual<T> = Record<'zh' | 'en', T>;

/** The shapes of /api/scenarios. */
export interface Scenario {
  name: string;
  title: Bilingual<string>;
  about: Bilingual<string>;
  greeting: Bilingual<string>;
  suggestions: Bilingual<string[]>;
  /** What stands under each answer of a model. */
  notice: Bilingual<string> | null;
  grounding: 'none' | 'check' | 'strict';
  templates: string[];
  yours: boolean;
}

export interface ScenarioCard extends Scenario {
  card: Bilingual<string>;
  documents: number;
  cases: number;
}

/** Every call about scenarios. Rejects with `ApiError`. */
export const scenarioApi = {
  list: () => json<{ data: Scenario[] }>('GET', '/api/scenarios'),
  show: (name: string) => json<ScenarioCard>('GET', `/api/scenarios/${encodeURIComponent(name)}`),
};
