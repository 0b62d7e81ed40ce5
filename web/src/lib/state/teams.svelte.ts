import { runPath, teamApi, teamPath, type Run, type TeamItem } from '../api/teams';
import { t } from '../i18n';
import { Doomed } from './doomed';
import { notices } from './notices.svelte';
import { explain } from './thread.svelte';

/** The teams there are, and what they worked on. */
class Teams {
  items = $state.raw<TeamItem[] | null>(null);
  runs = $state.raw<Run[]>([]);
  problem = $state('');
  private doomed = new Doomed(runPath, (id) => this.delete(() => teamApi.remove(id)));
  private doomedTeams = new Doomed(teamPath, (name) => this.delete(() => teamApi.delete(name)));

  async load(): Promise<void> {
    try {
      const [{ items }, { items: runs }] = await Promise.all([teamApi.list(), teamApi.runs()]);
      this.items = items.filter(({ own, name }) => !own || !this.doomedTeams.has(name));
      this.runs = runs.filter((run) => !this.doomed.has(String(run.id)));
      this.problem = '';
    } catch (error) {
      this.problem = explain(error);
    }
  }

  /** What a team is called; its name if it is not in the list. */
  titleOf(name: string): TeamItem['title'] {
    return this.items?.find((one) => one.name === name)?.title ?? { zh: name, en: name };
  }

  /** Takes a run out of sight now and deletes it when the time to undo is over. */
  remove(run: Run, title: string): void {
    this.runs = this.runs.filter((one) => one.id !== run.id);
    this.doomed.add(String(run.id), t('teams.removed', { title }), () => void this.load());
  }

  /** The same for a team of the user's; what it worked on stays. */
  removeTeam(name: string, title: string): void {
    this.items = this.items?.filter((one) => one.name !== name) ?? null;
    this.doomedTeams.add(name, t('teams.removed', { title }), () => void this.load());
  }

  private async delete(run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (error) {
      notices.error(t('connection.failed', { message: explain(error) }));
      await this.load();
    }
  }
}

export const teams = new Teams();
