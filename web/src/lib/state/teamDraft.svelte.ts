import { teamApi, type Team, type TeamFault } from '../api/teams';
import { t } from '../i18n';
import { load, save } from './storage';
import { explain } from './thread.svelte';

/** Until what was typed is looked through. */
const PAUSE = 400;
const NAME = /^[a-z][a-z0-9-]{0,39}$/;

interface Kept {
  text: string;
  before: string;
  name: string;
}

/** The file of a team as it is being written; what is not saved is kept in this browser. */
export class TeamDraft {
  text = $state('');
  /** What the file held when it was read. */
  before = $state('');
  /** Of the copy. */
  name = $state('');
  faults = $state.raw<readonly TeamFault[]>([]);
  /** The team as it was written when nothing was wrong with it last. */
  design = $state.raw<Team | null>(null);
  nameFault = $state('');
  problem = $state('');
  busy = $state(false);
  readonly changed = $derived(this.text !== this.before);
  private timer = 0;
  private looked = 0;

  constructor(
    readonly team: string,
    readonly copy: boolean,
  ) {}

  private get place(): string {
    return `${this.copy ? 'team-copy' : 'team'}.${this.team}`;
  }

  async load(): Promise<void> {
    const { source } = await teamApi.source(this.team);
    const fresh = { text: source, before: source, name: this.copy ? `${this.team.slice(0, 37)}-2` : this.team };
    Object.assign(this, load<Kept>(this.place, fresh));
    await this.look();
  }

  put(text: string): void {
    this.text = text;
    this.keep();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.look(), PAUSE);
  }

  call(name: string): void {
    this.name = name;
    this.nameFault = '';
    this.keep();
  }

  /** Back to the file as it is now. */
  async discard(): Promise<void> {
    save(this.place, null);
    this.problem = this.nameFault = '';
    await this.load();
  }

  /** Whether it is kept now; else `faults`, `nameFault` or `problem` say why not. */
  async save(): Promise<boolean> {
    if (this.busy) return false;
    this.problem = '';
    this.nameFault = !this.copy || NAME.test(this.name) ? '' : t('teams.nameWrong');
    this.busy = true;
    try {
      await this.look();
      if (this.nameFault || this.problem || this.faults.length > 0) return false;
      if (this.copy) await teamApi.create(this.name, this.text);
      else await teamApi.change(this.team, this.text, this.before);
      clearTimeout(this.timer);
      save(this.place, null);
      return true;
    } catch (error) {
      this.problem = explain(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** Looks through the text as it is; an older answer never replaces a newer one. */
  private async look(): Promise<void> {
    clearTimeout(this.timer);
    const turn = ++this.looked;
    try {
      const { team, faults } = await teamApi.check(this.text);
      if (turn !== this.looked) return;
      this.faults = faults;
      this.design = team ?? this.design;
    } catch (error) {
      this.problem = explain(error);
    }
  }

  private keep(): void {
    const { text, before, name } = this;
    save(this.place, this.changed || this.copy ? { text, before, name } : null);
  }
}
